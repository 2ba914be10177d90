import type { ArtifactoryClient } from './artifactory-client.ts'

/** Artifactory lets many write a file once and few replace it: found out before the first result is at stake. */
export async function overwriteProblem(
  client: ArtifactoryClient,
  own: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  for (const turn of ['first', 'second']) {
    const at = new Date().toISOString()
    const stored = await client
      .store(`hermod-write-check-${own}.json`, JSON.stringify({ turn, at }), signal)
      .catch((error: unknown) => ({ kind: 'unavailable' as const, reason: String(error) }))
    if (stored.kind === 'unavailable') return stored.reason
  }
  return undefined
}
