/**
 * What only a person can mend: it ends the process with exit code 2, its message and remedy in one line.
 * Any error with a `remedy` does the same, so that packages need not know this class.
 */
export class FatalError extends Error {
  override readonly name = 'FatalError'
  readonly remedy: string

  constructor(message: string, options: { readonly remedy: string; readonly cause?: unknown }) {
    super(message, { cause: options.cause })
    this.remedy = options.remedy
  }
}

export function remedyOf(error: unknown): string | undefined {
  return error instanceof Error && 'remedy' in error && typeof error.remedy === 'string'
    ? error.remedy
    : undefined
}
