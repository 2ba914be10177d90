// Owns standard output.
// 1. One JSON object a line, written at once: nothing is left to flush when the process ends.
// 2. No line leaves unscrubbed.
// 3. Logging never ends the process: with the disk full or the reader gone, lines are lost.
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
  /** Gets whole lines with their line end; standard output if absent. */
  readonly write?: (line: string) => void
}

export function createLogger(options: LoggerOptions): Logger {
  const { service, level, write = standardOutput() } = options
  const { scrub } = options.scrubber
  const plainObject = (fields: object): Record<string, unknown> => {
    const plain = plainFields(fields, scrub)
    return typeof plain === 'object' ? { ...plain } : { fields: plain }
  }
  // pino gives the fields of a child to no formatter.
  const withPlainChildren = (target: pino.Logger): Logger => ({
    debug: target.debug.bind(target),
    info: target.info.bind(target),
    warn: target.warn.bind(target),
    error: target.error.bind(target),
    child: (fields) => withPlainChildren(target.child(plainObject(fields))),
  })
  const root = pino(
    {
      level,
      base: { service },
      timestamp: pino.stdTimeFunctions.isoTime,
      // pino's own would bring back the fields that plainFields left out.
      serializers: { err: (plainError: unknown) => plainError },
      formatters: {
        level: (label) => ({ level: label }),
        log: plainObject,
      },
      hooks: {
        logMethod([first, message], method) {
          if (typeof first === 'string') method.call(this, cutText(first, scrub))
          else method.call(this, first, typeof message === 'string' ? cutText(message, scrub) : undefined)
        },
      },
    },
    { write: (line: string) => write(scrub(line)) },
  )
  return withPlainChildren(root)
}

function standardOutput(): (line: string) => void {
  const destination = pino.destination({ fd: 1, sync: true, maxLength: 1024 * 1024 })
  destination.on('error', () => undefined)
  return (line) => {
    destination.write(line)
  }
}
