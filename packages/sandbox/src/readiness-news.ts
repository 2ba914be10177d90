/** What /readyz of a service says; undefined: it did not answer. */
export type ReadinessAnswer =
  | {
      readonly ready: boolean
      readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail?: string }[]
    }
  | undefined

export interface Watched {
  /** What people were told last; undefined: nothing yet. */
  readonly told: string | undefined
  /** What it says now, and since when, in ms of any steady clock. */
  readonly present: string
  readonly since: number
}

const settledAfterMs = 3_000

/**
 * What is worth a line: the first time a service is ready, and what it has been waiting for, or that it is ready
 * again, once that has lasted three seconds. A restart of something is no news.
 */
export function readinessNews(
  before: Watched | undefined,
  answer: ReadinessAnswer,
  now: number,
): { readonly watched: Watched; readonly news: string | undefined } {
  const present = inWords(answer)
  const since = before?.present === present ? before.since : now
  const told = before?.told
  const settled = now - since >= settledAfterMs || (told === undefined && present === readyWord)
  if (!settled || present === told) return { watched: { told, present, since }, news: undefined }
  return { watched: { told: present, present, since }, news: present }
}

const readyWord = 'is ready'

function inWords(answer: ReadinessAnswer): string {
  if (answer === undefined) return 'does not answer yet'
  if (answer.ready) return readyWord
  const waiting = answer.checks.filter(({ ok }) => !ok)
  return `waits for ${waiting.map(({ name, detail }) => (detail ? `${name} (${detail})` : name)).join(', ')}`
}
