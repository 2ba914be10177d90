const longestText = 2000
const longestStack = 4000
const deepest = 6
const mostValues = 500

export type Scrub = (text: string) => string

/**
 * What of a value is fit for a log line: of an error only name, message, code, stack and causes (got's carry
 * headers and bodies), of texts the beginning, of deep or wide structures the top.
 */
export function plainFields(value: unknown, scrub: Scrub): unknown {
  try {
    return plain(value, 0, { left: mostValues, scrub })
  } catch (error) {
    return `(cannot be shown: ${String(error)})`
  }
}

/** Scrubbed before it is cut: what a cut leaves of a secret is known to nobody any more. */
export function cutText(text: string, scrub: Scrub, longest: number = longestText): string {
  if (text.length <= longest) return text
  return `${scrub(text).slice(0, longest).toWellFormed()}… (${text.length} characters)`
}

interface Budget {
  /** How many more values may be looked at. */
  left: number
  readonly scrub: Scrub
}

function plain(value: unknown, depth: number, budget: Budget): unknown {
  budget.left--
  if (typeof value === 'string') return cutText(value, budget.scrub)
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'function' || typeof value === 'symbol') return undefined
  if (typeof value !== 'object' || value === null) return value
  if (depth >= deepest || budget.left <= 0) return '…'
  if (value instanceof Error) return plainError(value, depth, budget)
  if (ArrayBuffer.isView(value)) return `(${value.byteLength} bytes)`
  if ('toJSON' in value && typeof value.toJSON === 'function') return plain(value.toJSON(), depth + 1, budget)
  if (Array.isArray(value) || value instanceof Set) return plainList(value, depth, budget)
  return plainEntries(value instanceof Map ? value : Object.entries(value), depth, budget)
}

function plainList(values: Iterable<unknown>, depth: number, budget: Budget): unknown[] {
  const list: unknown[] = []
  for (const value of values) {
    if (budget.left <= 0) break
    list.push(plain(value, depth + 1, budget))
  }
  return list
}

function plainEntries(entries: Iterable<[unknown, unknown]>, depth: number, budget: Budget): object {
  const fields: [string, unknown][] = []
  for (const [name, value] of entries) {
    if (budget.left <= 0) break
    fields.push([cutText(String(name), budget.scrub), plain(value, depth + 1, budget)])
  }
  return Object.fromEntries(fields)
}

function plainError(error: Error, depth: number, budget: Budget): object {
  const { name, message, stack, cause } = error
  const code = 'code' in error ? error.code : undefined
  const errors = error instanceof AggregateError ? error.errors : undefined
  return {
    name,
    message: cutText(message, budget.scrub),
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    ...(stack !== undefined && { stack: cutText(stack, budget.scrub, longestStack) }),
    ...(cause !== undefined && { cause: plain(cause, depth + 1, budget) }),
    ...(errors !== undefined && { errors: plain(errors, depth + 1, budget) }),
  }
}
