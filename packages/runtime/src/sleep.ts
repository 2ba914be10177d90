import { setTimeout } from 'node:timers/promises'

// Node takes a longer one for 1 ms.
const longestMs = 2 ** 31 - 1

/** Ends after `ms`, or at once when `signal` is aborted: whoever waits looks at the signal next. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  await setTimeout(Math.min(ms, longestMs), undefined, { ...(signal && { signal }) }).catch(() => undefined)
}
