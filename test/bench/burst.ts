// A thousand rollouts at once, against one post a second in each channel, as Slack allows.
import { noBudgets, slackBudgets } from '@hermod/testkit'
import { now } from './bed.ts'
import type { Entrant } from './contender.ts'
import { type Figure, seconds, spread } from './figure.ts'
import { inParallel } from './in-parallel.ts'
import { measuredPeers } from './measured-peers.ts'
import { type Stage, startRun } from './stage.ts'
import { untilTold, verdict } from './told.ts'

const rollouts = 1_000

// Slack's 50 edits a minute would stretch the run to a quarter of an hour for one word each, and measure Slack alone.
const manyEdits = { SLACK_EDITS_PER_MINUTE: '6000' }
const { edits: unlimited } = noBudgets

export async function measureBurst(stage: Stage, entrant: Entrant): Promise<readonly Figure[]> {
  const bed = await stage.bed()
  const keys = await bed.deployments(stage.size(rollouts))
  await using run = await startRun(bed, entrant, { budgets: { edits: unlimited } }, manyEdits)
  const from = now()
  await inParallel(keys, 32, (key) => bed.rollOut(key))
  await bed.untilComplete(keys)
  const completeMs = now() - from
  const told = await untilTold(run)
  const channels = bed.namespaces.length
  const { calls } = run.slack
  const limited = calls.filter(({ outcome }) => outcome === 'ratelimited').length
  const edits = told.attempts.filter(({ states }) => states.length > 1).length
  return [
    {
      what: `${keys.length} rollouts at once over ${channels} channels: lost / doubled / wrong / late`,
      cell: verdict(told, keys.length),
      aim: { text: 'none', most: [0, 0, 0, 0] },
      peers: measuredPeers.burst,
    },
    {
      what: 'burst: everything told after (the cluster itself needs)',
      cell: {
        ...seconds(told.lastMs - from),
        text: `${seconds(told.lastMs - from).text} (${seconds(completeMs).text})`,
      },
      peers: measuredPeers.drain,
    },
    {
      what: 'burst: from the end of a rollout to its word',
      cell: spread(told.endLagsMs),
    },
    {
      what: 'burst: ends told by an edit; at the 50 a minute that Slack allows they alone would take',
      cell: { text: `${edits}; ${(edits / slackBudgets.edits.perMinute).toFixed(0)} min` },
    },
    {
      what: 'burst: calls that Slack refuses for their rate, of all',
      cell: { text: `${limited} of ${calls.length}` },
    },
  ]
}
