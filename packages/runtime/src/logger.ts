// Owns standard output.
// 1. One JSON object a line, written synchronously: nothing is left to flush when the process ends.
// 2. No line leaves unscrubbed, and none is longer than its parts are cut to.
import pino from 'pino'
import { cutText, plainFields } from './log-fields.ts'
import type { Scrubber } from './scrubber.ts'

export const logLevels = ['debug', 'info', 'warn', 'error'] as const

export type LogLevel = (typeof logLevels)[number]

export interface LogMethod {
  (message: string): void
  /** An error goes in as `{ err }`. */
  (fields: object, message: string): void
}

export interface Logger {
  readonly debug: LogMethod
  readonly info: LogMethod
  readonly warn: LogMethod
  readonly error: LogMethod
  /** A logger that adds `fields` to each of its lines. */
  readonly child: (fields: object) => Logger
}

export interface LoggerOptions {
  readonly service: string
  readonly level: LogLevel
  readonly scrubber: Scrubber
  /** Standard output if absent. Gets whole lines with their line end. */
  readonly write?: (line: string) => void
}

export function createLogger({
  service,
  level,
  scrubber,
  write = toStandardOutput(),
}: LoggerOptions): Logger {
  return pino(
    {
      level,
      base: { service },
      timestamp: pino.stdTimeFunctions.isoTime,
      // `plainFields` has done the work by then; pino's own serializer would bring fields back.
      serializers: { err: (value: unknown) => value },
      formatters: {
        level: (label) => ({ level: label }),
        bindings: (fields) => ({ ...plainObject(fields) }),
        log: (fields) => plainObject(fields),
      },
      hooks: {
        logMethod(args, method) {
          const [first, message] = args
          if (typeof first === 'string') method.call(this, cutText(first))
          else method.call(this, first, typeof message === 'string' ? cutText(message) : undefined)
        },
      },
    },
    { write: (line: string) => write(scrubber.scrub(line)) },
  )
}

function plainObject(fields: object): Record<string, unknown> {
  const plain = plainFields(fields)
  return typeof plain === 'object' && plain !== null ? { ...plain } : { value: plain }
}

function toStandardOutput(): (line: string) => void {
  const destination = pino.destination({ fd: 1, sync: true })
  return (line) => {
    destination.write(line)
  }
}
