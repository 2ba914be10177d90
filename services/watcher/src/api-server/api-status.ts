import { field, text } from './api-object.ts'
import type { ApiResponse } from './api-transport.ts'
import type { StatusAnswer } from './reflector-state.ts'

const mostBytes = 16 * 1024

/** What the API server says of a request that it did not grant: a Status object, or plain text (429). */
export async function readStatus({ status, retryAfterMs, body }: ApiResponse): Promise<StatusAnswer> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > mostBytes) break
  }
  const said = Buffer.concat(chunks).toString('utf8')
  return { status, message: (messageOf(said) || said).slice(0, 500), ...(retryAfterMs && { retryAfterMs }) }
}

function messageOf(body: string): string {
  try {
    return text(field(JSON.parse(body), 'message'))
  } catch {
    return ''
  }
}

/** A failure of the connection in one line, with the code that people search for. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const message = error.message || error.name
  const code = 'code' in error ? String(error.code) : ''
  return message.includes(code) ? message : `${code}: ${message}`
}
