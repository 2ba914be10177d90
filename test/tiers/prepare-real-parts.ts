import { prepareTools } from '@hermod/testkit'

/**
 * Obtains nats-server and the Kubernetes control plane, with progress on stderr while they are built for the first
 * time. Returns what is missing, and every way to get it, in one line a program; undefined when all is there.
 */
export async function prepareRealParts(): Promise<string | undefined> {
  const prepared = Object.values(await prepareTools())
  const missing = prepared.flatMap((part) => (part.kind === 'unavailable' ? [part.reason] : []))
  return missing.length === 0 ? undefined : missing.join('\n')
}
