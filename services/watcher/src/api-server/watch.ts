import { describeFailure, readStatus } from './api-status.ts'
import type { Attempt, Reflected } from './attempt.ts'
import { EventReader } from './event-reader.ts'
import type { Ending } from './reflector-state.ts'
import { SilenceTimer } from './silence-timer.ts'

/** A WatchList from nothing, or a watch from the last resourceVersion. Returns how it ended. */
export async function* watch<T>(attempt: Attempt<T>): AsyncGenerator<Reflected<T>, Ending> {
  const { state, options, times, now } = attempt
  let askedAt = now()
  const reader = new EventReader<T>(attempt.known, options.project, state.activity === 'stream')
  using silence = new SilenceTimer(options.signal)
  let openedAt = Number.POSITIVE_INFINITY
  let resourceVersion: string | undefined

  // A consumer may take its time: what is left then, or a moment, is the server's.
  const armSilence = (): void => {
    const leftMs = times.timeoutSeconds * 1_000 + times.graceMs - (now() - askedAt)
    silence.arm(reader.listing ? times.markMs : Math.max(times.graceMs, leftMs))
  }
  const ended = (ending: Ending): Ending => {
    const unmarked = reader.listing && (ending.kind === 'silent' || ending.kind === 'closed')
    if (unmarked) return { kind: 'unmarked', objects: reader.objects }
    return { ...ending, resourceVersion, watchedMs: Math.max(0, now() - openedAt) }
  }

  try {
    silence.arm(times.pageMs)
    const response = await options.transport.request({
      path: options.path,
      query: queryOf(attempt),
      onSent: () => {
        askedAt = now()
        armSilence()
      },
      signal: silence.signal,
    })
    if (response.status === 410) return { kind: 'expired' }
    if (response.status !== 200) return { kind: 'status', ...(await readStatus(response)) }
    if (!reader.listing) {
      openedAt = now()
      yield { kind: 'opened' }
    }
    for await (const chunk of response.body) {
      silence.disarm()
      const readAt = now()
      const wasListing = reader.listing
      const changes = reader.read(chunk)
      if (changes.length > 0) yield { kind: 'changes', changes, readAt }
      if (wasListing && !reader.listing) {
        openedAt = now()
        yield attempt.listed()
      }
      resourceVersion = reader.resourceVersion
      if (reader.failure !== undefined) return ended(reader.failure)
      armSilence()
    }
  } catch (error) {
    return ended(silence.fired ? { kind: 'silent' } : { kind: 'broken', error: describeFailure(error) })
  }
  if (reader.unfinished) return ended({ kind: 'broken', error: 'the stream ended inside a line' })
  return ended({ kind: 'closed', listAgeMs: attempt.listAgeMs() })
}

function queryOf<T>({ state, options, times }: Attempt<T>): Record<string, string> {
  return {
    ...options.query,
    watch: 'true',
    allowWatchBookmarks: 'true',
    timeoutSeconds: String(times.timeoutSeconds),
    ...(state.activity === 'stream'
      ? { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' }
      : { resourceVersion: state.resourceVersion }),
  }
}
