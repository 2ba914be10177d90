/** What this package needs of a logger; pino's fits. */
export interface Log {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/**
 * Told whenever what keeps `part` from working changes: one sentence for readiness, undefined when it works.
 * Parts of this package: `nats`, `publishing`, `consuming STREAM`, `bucket NAME`.
 */
export type Report = (part: string, obstacle: string | undefined) => void
