// Owns the question how the services are: it asks each for /readyz, in haste until all have been ready once, and tells
// what is news.
import { sleep } from '@hermod/runtime'
import { type ReadinessAnswer, readinessNews, type Watched } from './readiness-news.ts'

const askEveryMs = 1_000
const hasteMs = 150

export interface ReadinessWatch {
  readonly ports: Readonly<Record<string, number>>
  readonly tell: (service: string, news: string) => void
  /** Called once, when all have been ready. */
  readonly onAllReady: () => void
  readonly signal: AbortSignal
}

export async function watchReadiness({ ports, tell, onAllReady, signal }: ReadinessWatch): Promise<void> {
  const watched = new Map<string, Watched>()
  const waitedFor = new Set(Object.keys(ports))
  while (!signal.aborted) {
    await Promise.all(
      Object.entries(ports).map(async ([service, port]) => {
        const answer = await askReadiness(port, signal)
        const step = readinessNews(watched.get(service), answer, performance.now())
        watched.set(service, step.watched)
        if (answer?.ready && waitedFor.delete(service) && waitedFor.size === 0) onAllReady()
        if (step.news !== undefined && !signal.aborted) tell(service, step.news)
      }),
    )
    await sleep(waitedFor.size > 0 ? hasteMs : askEveryMs, signal)
  }
}

/** Resolves when it is ready, or when `signal` is aborted. */
export async function untilReady(port: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !(await askReadiness(port, signal))?.ready) await sleep(hasteMs, signal)
}

async function askReadiness(port: number, signal: AbortSignal): Promise<ReadinessAnswer> {
  try {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(askEveryMs)])
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: patience })
    return (await answer.json()) as ReadinessAnswer
  } catch {
    return undefined
  }
}
