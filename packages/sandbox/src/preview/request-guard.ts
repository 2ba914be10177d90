/** What of a request decides whether it is ours to answer. */
export interface GuardedRequest {
  readonly method: string
  readonly host: string | undefined
  readonly origin: string | undefined
}

export interface Refusal {
  readonly status: 403 | 405
  readonly reason: string
}

/**
 * Undefined for a request of our own page. Another site's page reaches us through the same browser: under a name
 * of its own that leads here (so the Host must be a loopback name), or by posting across sites (so the Origin must
 * be ours).
 */
export function refusal({ method, host, origin }: GuardedRequest, port: number): Refusal | undefined {
  if (!namesOf(port).includes(host ?? ''))
    return { status: 403, reason: 'this page is for this machine alone' }
  if (method === 'GET') return undefined
  if (method !== 'POST') return { status: 405, reason: 'GET and POST are all there is' }
  const isOwn = namesOf(port).some((name) => origin === `http://${name}`)
  return isOwn ? undefined : { status: 403, reason: 'this came from another page' }
}

function namesOf(port: number): readonly string[] {
  return ['127.0.0.1', 'localhost', '[::1]'].map((name) => `${name}:${port}`)
}

/** Headers of every answer. Nothing that a message names is fetched from anywhere but here. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
}
