/** Owns the playing of strikes against a bed: those of one list one after the other, several lists at once. */
import { setTimeout as delay } from 'node:timers/promises'
import { type Component, eventually } from '@hermod/testkit'
import type { ChaosBed } from './bed.ts'
import type { Strike, Victim } from './strikes.ts'

export interface StrikesPlayed {
  readonly struck: number
  /** Fewest rollouts under way at any strike. */
  readonly fewestUnderWay: number
  /** Who did not end as it should when asked to. */
  readonly badEnds: readonly string[]
}

/** At every strike. */
export const leastUnderWay = 20
/** What is promised of a SIGTERM. */
const stopWithinMs = 10_000

export async function playStrikes(
  bed: ChaosBed,
  lists: readonly (readonly Strike[])[],
  tell: (strike: Strike, underWay: number) => void = () => {},
): Promise<StrikesPlayed> {
  const badEnds: string[] = []
  const busy = new Map<Victim, Promise<void>>()
  let struck = 0
  let fewestUnderWay = Number.POSITIVE_INFINITY
  const partOf = (victim: Victim): Component =>
    victim === 'nats-server' ? bed.pipeline.nats : bed.pipeline.services[victim]

  const strikeNow = async (strike: Strike): Promise<void> => {
    const part = partOf(strike.victim)
    // Where Slack is far behind, the load has run out of Deployments whose last end was told.
    await bed.untilUnderWay(leastUnderWay)
    const { underWay } = bed.load
    fewestUnderWay = Math.min(fewestUnderWay, underWay)
    struck++
    tell(strike, underWay)
    if (strike.kind === 'kill -9') await part.kill()
    else {
      const problem = await terminate(part)
      if (problem !== undefined) badEnds.push(`${strike.victim} ${problem}\n${part.log}`)
    }
    await delay(strike.downMs)
    await part.restart()
    // The next one hits it while it still looks for its place.
    if (strike.kind === 'SIGTERM' && strike.when === 'starting') {
      const problem = await terminate(part)
      if (problem !== undefined) badEnds.push(`${strike.victim}, starting, ${problem}\n${part.log}`)
      await part.restart()
    }
  }

  /** One process is struck by one strike at a time. */
  const inTurn = async (strike: Strike): Promise<void> => {
    while (busy.has(strike.victim)) await busy.get(strike.victim)
    const playing = strikeNow(strike)
    busy.set(
      strike.victim,
      playing.catch(() => undefined),
    )
    try {
      await playing
    } finally {
      busy.delete(strike.victim)
    }
  }

  await bed.amid(async () => {
    await Promise.all(
      lists.map(async (strikes) => {
        for (const strike of strikes) {
          await delay(strike.afterMs)
          await inTurn(strike)
        }
      }),
    )
  })
  return { struck, fewestUnderWay, badEnds }
}

/** Returns how it did not keep what is promised of a SIGTERM. */
async function terminate(part: Component): Promise<string | undefined> {
  const beganMs = performance.now()
  process.kill(part.pid, 'SIGTERM')
  try {
    await eventually(
      () => {
        if (part.running) throw new Error('it still runs')
      },
      { timeoutMs: stopWithinMs + 1_000 },
    )
  } catch {
    return `had not ended ${stopWithinMs / 1_000} s after its SIGTERM`
  }
  const tookMs = performance.now() - beganMs
  return part.exitCode === 0 ? undefined : `ended with ${part.exitCode} after ${Math.round(tookMs)} ms`
}
