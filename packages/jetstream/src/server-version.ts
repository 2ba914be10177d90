/** The first nats-server that keeps metadata with a stream, where the number of partitions stands. */
export const oldestServer = '2.10'

/** The first that lets single messages expire. */
export const messageTtlServer = '2.11'

/** Whether a version as the server tells it, `2.10.7`, is `least` or newer. */
export function isAtLeast(version: string, least: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [leastMajor = 0, leastMinor = 0] = least.split('.').map(Number)
  return major > leastMajor || (major === leastMajor && minor >= leastMinor)
}
