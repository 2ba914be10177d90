// Owns one run of kills and SIGTERMs under load, of any size.
import { startChaosBed } from './bed.ts'
import { leastUnderWay, playStrikes } from './play-strikes.ts'
import type { Run, RunResult } from './run.ts'
import { describe, drawKills, drawTerminations } from './strikes.ts'

export interface KillRun extends Run {
  readonly kills: number
  readonly terminations: number
}

// A few more than that, for those that have just ended.
const lanes = 26

export async function killUnderLoad({ kills, terminations, seed, tell }: KillRun): Promise<RunResult> {
  await using bed = await startChaosBed({
    seed,
    lanes,
    deployments: 132,
    // Who is killed more often than this would never find out what became of a post.
    settings: { notifier: { SLACK_TIMEOUT: '1s' } },
  })
  await bed.untilUnderWay(leastUnderWay)
  const played = await playStrikes(
    bed,
    [drawKills(seed, kills), drawTerminations(seed + 1, terminations)],
    (strike, underWay) => tell(`${underWay} under way, ${describe(strike)}`),
  )
  const { problems, figures } = await bed.verdict()
  const { struck, fewestUnderWay, badEnds } = played
  return {
    problems: [
      ...problems,
      ...badEnds,
      ...(struck === kills + terminations ? [] : [`${struck} strikes were played`]),
      ...(fewestUnderWay >= leastUnderWay
        ? []
        : [`only ${fewestUnderWay} rollouts were under way at a strike`]),
    ],
    figures: `${kills} kills, ${terminations} SIGTERMs, at least ${fewestUnderWay} rollouts under way; ${figures}`,
  }
}
