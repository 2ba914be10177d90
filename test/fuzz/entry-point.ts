export interface EntryPoint {
  readonly name: string
  /** Right inputs, to be made wrong. */
  readonly samples: readonly [string, ...string[]]
  /** Throws when the input does harm. */
  readonly take: (input: string) => void
  /** Of the processor's time for one input; 50 by default. Settings are read once, before anything else runs. */
  readonly longestMs?: number
}
