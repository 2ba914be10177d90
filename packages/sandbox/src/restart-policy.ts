/** What to do about a process that has ended. */
export type RestartDecision =
  | { readonly kind: 'restart'; readonly afterMs: number; readonly failures: number }
  /** Another start would end the same way: a person has to mend its configuration. */
  | { readonly kind: 'give-up' }

export interface ProcessEnding {
  readonly exitCode: number | null
  readonly ranMs: number
  /** How many endings in a row came before this one without a long life in between. */
  readonly failures: number
}

const firstDelayMs = 200
const longestDelayMs = 10_000
const longLifeMs = 30_000
const badConfigurationCode = 2

/** A first death is repaired at once, a crash loop ever more slowly, up to every 10 s. */
export function decideRestart({ exitCode, ranMs, failures }: ProcessEnding): RestartDecision {
  if (exitCode === badConfigurationCode) return { kind: 'give-up' }
  const inARow = ranMs >= longLifeMs ? 0 : failures
  return {
    kind: 'restart',
    afterMs: Math.min(longestDelayMs, firstDelayMs * 2 ** inARow),
    failures: inARow + 1,
  }
}
