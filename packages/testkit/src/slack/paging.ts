import { flagArgument, textArgument } from './arguments.ts'
import type { MethodContext } from './method-context.ts'
import { type Refusal, refuse } from './reply.ts'
import { micros, type SlackMessage } from './workspace.ts'

/** The part of a channel or thread that a call asks for. */
export interface Window {
  readonly limit: number
  /** The place to go on from, '' for the beginning. */
  readonly cursor: string
  readonly shows: (message: SlackMessage) => boolean
}

/** `oldest` and `latest`, which count only with `inclusive`, and `limit` and `cursor`. */
export function windowOf(context: MethodContext, maxLimit: number): Window | Refusal {
  const { args, now } = context
  const oldest = micros(textArgument(args, 'oldest') ?? '0')
  const latest =
    args['latest'] === undefined ? Number.POSITIVE_INFINITY : micros(textArgument(args, 'latest') ?? '')
  const limit = limitOf(context, maxLimit)
  const cursor = cursorOf(context)
  if (Number.isNaN(oldest)) return refuse('invalid_ts_oldest')
  if (Number.isNaN(latest)) return refuse('invalid_ts_latest')
  if (typeof limit !== 'number') return limit
  if (typeof cursor !== 'string') return cursor
  const inclusive = flagArgument(args, 'inclusive')
  return {
    limit,
    cursor,
    shows(message) {
      const at = micros(message.ts)
      const isInside = (at > oldest && at < latest) || (inclusive && (at === oldest || at === latest))
      return isInside && isShown(message, now)
    },
  }
}

/** Whether a reader sees it: not deleted, and its history lag is over. */
export function isShown({ deletedAt, visibleFrom }: SlackMessage, now: number): boolean {
  return deletedAt === undefined && visibleFrom <= now
}

export function limitOf({ args }: MethodContext, max: number): number | Refusal {
  const text = textArgument(args, 'limit')
  if (text === undefined || text === '0') return 100
  const limit = /^\d+$/.test(text) ? Number(text) : Number.NaN
  return limit <= max ? limit : refuse('invalid_limit')
}

export function cursorOf({ args }: MethodContext): string | Refusal {
  const cursor = textArgument(args, 'cursor')
  if (!cursor) return ''
  const [, from] = /^next:(.+)$/.exec(Buffer.from(cursor, 'base64').toString()) ?? []
  return from ?? refuse('invalid_cursor')
}

export function nextCursor(from: string | undefined): Record<string, unknown> {
  return { next_cursor: from === undefined ? '' : Buffer.from(`next:${from}`).toString('base64') }
}
