import { setTimeout } from 'node:timers/promises'

/** Ends after `ms`, or at once when `signal` is aborted: whoever waits looks at the signal next. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { ...(signal && { signal }) }).catch(() => undefined)
}
