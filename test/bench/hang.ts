// One call to Slack is answered 30 s late: what it costs everybody else.
import { noBudgets } from '@hermod/testkit'
import { atRate } from './bed.ts'
import type { Entrant } from './contender.ts'
import type { Figure } from './figure.ts'
import { spread } from './figure.ts'
import { lagsOf } from './lags.ts'
import { measuredPeers } from './measured-peers.ts'
import { type Stage, startRun } from './stage.ts'
import { untilTold, verdict } from './told.ts'

const hangMs = 30_000
const others = 40
const perSecond = 4

export async function measureHang(stage: Stage, entrant: Entrant): Promise<readonly Figure[]> {
  const bed = await stage.bed()
  const [first, ...rest] = await bed.deployments(bed.namespaces.length)
  if (first === undefined) throw new Error('there is no Deployment')
  await using run = await startRun(bed, entrant, { budgets: noBudgets }, { SLACK_EDITS_PER_MINUTE: '600' })
  const late = { kind: 'delay', ms: hangMs, effect: true } as const
  run.slack.inject(late, { method: 'chat.postMessage', times: 1 })
  const hanging = await bed.rollOut(first)
  await run.slack.waitForCall(({ method }) => method === 'chat.postMessage')
  const neighbours = await atRate(rest.slice(0, others), perSecond, (key) => bed.rollOut(key))
  await bed.untilComplete([first, ...rest])
  const told = await untilTold(run)
  const { startMs } = lagsOf(told, neighbours)
  const worst = startMs.length < neighbours.length ? undefined : Math.max(...startMs)
  return [
    {
      what: 'one call to Slack hangs for 30 s: the longest that another channel waits for a first post',
      cell:
        worst === undefined
          ? { text: 'never', amounts: ['never'] }
          : { text: `${worst.toFixed(0)} ms`, amounts: [worst] },
      peers: measuredPeers.hang,
    },
    { what: 'hang: API write → first post of the others', cell: spread(startMs) },
    {
      what: 'hang: lost / doubled / wrong / late',
      cell: verdict(told, neighbours.length + [hanging].length),
      aim: { text: 'none', most: [0, 0, 0, 0] },
    },
  ]
}
