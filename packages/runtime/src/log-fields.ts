const longestText = 2000
const longestStack = 4000
const deepest = 6
const mostValues = 500

/**
 * What of a value is fit for a log line: of an error only name, message, code, stack and causes (got's carry
 * headers and bodies), of texts the beginning, of deep or wide structures the top.
 */
export function plainFields(value: unknown): unknown {
  return plain(value, 0, { left: mostValues })
}

export function cutText(text: string, longest: number = longestText): string {
  return text.length <= longest
    ? text
    : `${text.slice(0, longest).toWellFormed()}… (${text.length} characters)`
}

interface Budget {
  left: number
}

function plain(value: unknown, depth: number, budget: Budget): unknown {
  budget.left--
  if (typeof value === 'string') return cutText(value)
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'function' || typeof value === 'symbol') return undefined
  if (typeof value !== 'object' || value === null) return value
  if (depth >= deepest || budget.left <= 0) return '…'
  if (value instanceof Error) return plainError(value, depth, budget)
  if (ArrayBuffer.isView(value)) return `(${value.byteLength} bytes)`
  if (value instanceof Map) return plainEntries(value, depth, budget)
  if (value instanceof Set) return plain([...value], depth, budget)
  if (Array.isArray(value))
    return takeWhileAffordable(value, budget).map((each) => plain(each, depth + 1, budget))
  if ('toJSON' in value && typeof value.toJSON === 'function') return plain(value.toJSON(), depth + 1, budget)
  return plainEntries(Object.entries(value), depth, budget)
}

function plainEntries(entries: Iterable<readonly [unknown, unknown]>, depth: number, budget: Budget): object {
  const fields: [string, unknown][] = []
  for (const [name, each] of entries) {
    if (budget.left <= 0) break
    fields.push([cutText(String(name)), plain(each, depth + 1, budget)])
  }
  return Object.fromEntries(fields)
}

function takeWhileAffordable(values: readonly unknown[], budget: Budget): readonly unknown[] {
  return values.slice(0, Math.max(0, budget.left))
}

function plainError(error: Error, depth: number, budget: Budget): object {
  const { name, message, stack, cause } = error
  const code = 'code' in error ? error.code : undefined
  const errors = error instanceof AggregateError ? error.errors : undefined
  return {
    name,
    message: cutText(message),
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    ...(stack !== undefined && { stack: cutText(stack, longestStack) }),
    ...(cause !== undefined && { cause: plain(cause, depth + 1, budget) }),
    ...(errors !== undefined && { errors: plain(errors, depth + 1, budget) }),
  }
}
