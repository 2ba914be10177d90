// An hour's worth of rollouts while everything of the contender is down, its broker included.
import { now } from './bed.ts'
import type { Entrant } from './contender.ts'
import { type Figure, seconds } from './figure.ts'
import { inParallel } from './in-parallel.ts'
import { measuredPeers } from './measured-peers.ts'
import { type Stage, startRun } from './stage.ts'
import { untilTold, verdict } from './told.ts'

/** Five a minute. One in ten fails, one in ten is overtaken by another of its Deployment. */
const rollouts = 300
const deadlineSeconds = 3

export async function measureDowntime(stage: Stage, entrant: Entrant): Promise<readonly Figure[]> {
  const bed = await stage.bed()
  const keys = (await bed.deployments(stage.size(rollouts))).slice(0, stage.size(rollouts))
  await using run = await startRun(bed, entrant)
  await run.contender.kill()
  const downMs = now()
  const tenth = Math.ceil(keys.length / 10)
  const failing = keys.slice(0, tenth)
  const overtaken = keys.slice(tenth, 2 * tenth)
  await inParallel(failing, 16, (key) => bed.rollOut(key, 'badimage', deadlineSeconds))
  await inParallel(overtaken, 16, (key) => bed.rollOut(key))
  await inParallel(keys.slice(tenth), 16, (key) => bed.rollOut(key))
  await bed.untilComplete(keys.slice(tenth))
  const from = now()
  await run.contender.restart()
  const told = await untilTold({ ...run, blind: { fromMs: downMs - 1_000, toMs: now() } })
  await bed.delete(failing)
  return [
    {
      what: `${keys.length} rollouts (an hour of ${keys.length / 60} a minute) while everything was down: lost / doubled / wrong / late`,
      cell: verdict(told, keys.length),
      aim: { text: 'none', most: [0, 0, 0, 0] },
      peers: measuredPeers.downtime,
    },
    {
      what: 'downtime: from the start of the programs to the last final state told',
      cell: seconds(told.lastMs > from ? told.lastMs - from : undefined),
    },
  ]
}
