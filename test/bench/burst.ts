// A thousand rollouts at once, against what Slack allows: one post a second in each channel.
import { now } from './bed.ts'
import type { Entrant } from './contender.ts'
import { type Figure, seconds } from './figure.ts'
import { inParallel } from './in-parallel.ts'
import { measuredPeers } from './measured-peers.ts'
import { type Stage, startRun } from './stage.ts'
import { untilTold, verdict } from './told.ts'

const rollouts = 1_000

export async function measureBurst(stage: Stage, entrant: Entrant): Promise<readonly Figure[]> {
  const bed = await stage.bed()
  const keys = await bed.deployments(stage.size(rollouts))
  await using run = await startRun(bed, entrant)
  const from = now()
  await inParallel(keys, 32, (key) => bed.rollOut(key))
  await bed.untilComplete(keys)
  const completeMs = now() - from
  const told = await untilTold(run)
  const channels = bed.namespaces.length
  const limited = run.slack.calls.filter(({ outcome }) => outcome === 'ratelimited').length
  return [
    {
      what: `${keys.length} rollouts at once over ${channels} channels: lost / doubled / wrong / late`,
      cell: verdict(told, keys.length),
      aim: { text: 'none', most: [0, 0, 0, 0] },
      peers: measuredPeers.burst,
    },
    {
      what: 'burst: everything told after (the cluster needs · Slack’s rates need at least)',
      cell: {
        ...seconds(told.lastMs - from),
        text: `${seconds(told.lastMs - from).text} (${seconds(completeMs).text} · ${keys.length / channels - 5} s)`,
      },
      peers: measuredPeers.drain,
    },
    {
      what: 'burst: calls that Slack refuses for their rate, of all',
      cell: { text: `${limited} of ${run.slack.calls.length}` },
    },
  ]
}
