/** What a client sends to Sentry: a header and items, each a line of JSON and a payload. */
export interface Envelope {
  readonly header: Readonly<Record<string, unknown>>
  readonly items: readonly EnvelopeItem[]
  /** All of it as it was before compression, for looking what is in it. */
  readonly text: string
}

export interface EnvelopeItem {
  /** `event`, `session`, `client_report`, … */
  readonly type: string
  /** Parsed where it is JSON, else as it came. */
  readonly payload: unknown
}

/** Reads an envelope. Throws a SyntaxError if it is none. */
export function parseEnvelope(bytes: Buffer): Envelope {
  let at = 0
  const upTo = (end: number) => {
    const part = bytes.subarray(at, end).toString()
    at = end + 1
    return part
  }
  const line = () => {
    const end = bytes.indexOf('\n', at)
    return upTo(end === -1 ? bytes.length : end)
  }
  const header = parseObject(line())
  const items: EnvelopeItem[] = []
  while (at < bytes.length) {
    const { type, length } = parseObject(line())
    // A payload without a length ends with its line.
    const payload = typeof length === 'number' ? upTo(at + length) : line()
    items.push({ type: String(type), payload: jsonOrText(payload) })
  }
  return { header, items, text: bytes.toString() }
}

function parseObject(text: string): Record<string, unknown> {
  const value: unknown = JSON.parse(text)
  if (typeof value !== 'object' || value === null) throw new SyntaxError('A header is no object')
  return { ...value }
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
