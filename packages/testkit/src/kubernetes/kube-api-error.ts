/** The API server refused: `code` and `reason` as its Status says them (404, `NotFound`). */
export class KubeApiError extends Error {
  override readonly name = 'KubeApiError'
  readonly code: number
  readonly reason: string

  constructor(request: string, status: unknown) {
    const { code, reason, message } = asStatus(status)
    super(`${request}: ${code ?? ''} ${message ?? 'no reason given'}`)
    this.code = code ?? 0
    this.reason = reason ?? ''
  }
}

interface Status {
  readonly code?: number
  readonly reason?: string
  readonly message?: string
}

function asStatus(value: unknown): Status {
  return typeof value === 'object' && value !== null ? value : {}
}

/** Whether it failed because the object, or the namespace around it, is no longer there. */
export function isGone(error: unknown): boolean {
  return error instanceof KubeApiError && error.code === 404
}

/** Whether nothing new can be made because the namespace is on its way out. */
export function isTerminating(error: unknown): boolean {
  return (
    error instanceof KubeApiError &&
    error.code === 403 &&
    error.message.endsWith('because it is being terminated')
  )
}
