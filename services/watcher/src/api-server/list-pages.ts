import { field, readApiObject, text } from './api-object.ts'
import { describeFailure, readStatus } from './api-status.ts'
import type { ApiResponse } from './api-transport.ts'
import type { Attempt, Reflected } from './attempt.ts'
import type { Change } from './known-objects.ts'
import type { Ending } from './reflector-state.ts'
import { SilenceTimer } from './silence-timer.ts'

const mostPageBytes = 64 * 1024 * 1024

class PageTooLarge extends Error {}

/** Lists page by page; a server that takes too long for one ends it. Returns how it ended. */
export async function* listPages<T>(attempt: Attempt<T>): AsyncGenerator<Reflected<T>, Ending> {
  const { state, options, known } = attempt
  let next = ''
  let resourceVersion = ''
  known.beginList()
  do {
    using silence = new SilenceTimer(options.signal)
    try {
      silence.arm(attempt.times.pageMs)
      const query = { ...options.query, limit: String(state.pageSize), ...(next && { continue: next }) }
      const onSent = (): void => silence.arm(attempt.times.pageMs)
      const { path } = options
      const response = await options.transport.request({ path, query, onSent, signal: silence.signal })
      if (response.status === 410) return { kind: 'expired' }
      if (response.status !== 200) return { kind: 'status', ...(await readStatus(response)) }
      const body = await readPage(response)
      silence.disarm()
      const readAt = attempt.now()
      const page: unknown = JSON.parse(body)
      resourceVersion = text(field(field(page, 'metadata'), 'resourceVersion'))
      if (resourceVersion === '') throw new TypeError('an answer that is no list')
      const changes = changesOf(page, attempt)
      if (changes.length > 0) yield { kind: 'changes', changes, readAt }
      next = text(field(field(page, 'metadata'), 'continue'))
    } catch (error) {
      return failed(error, silence.fired)
    }
  } while (next !== '')
  const gone = known.endList()
  if (gone.length > 0) yield { kind: 'changes', changes: gone, readAt: attempt.now() }
  yield attempt.listed()
  return { kind: 'listed', resourceVersion }
}

function failed(error: unknown, silent: boolean): Ending {
  if (error instanceof PageTooLarge) return { kind: 'too-large' }
  if (error instanceof SyntaxError || error instanceof TypeError)
    return { kind: 'malformed', error: error.message }
  return silent ? { kind: 'silent' } : { kind: 'broken', error: describeFailure(error) }
}

function changesOf<T>(page: unknown, { known, options }: Attempt<T>): readonly Change<T>[] {
  const items = field(page, 'items') ?? []
  if (!Array.isArray(items)) throw new TypeError('a list without items')
  return items.flatMap((item: unknown) => {
    const object = readApiObject(item)
    if (object === undefined) throw new TypeError('a list with an item that is no object')
    return known.stands(object.identity, options.project(item))
  })
}

async function readPage({ body }: ApiResponse): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > mostPageBytes) throw new PageTooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
