const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** `250ms`, `30s`, `1h30m`, `7d` in milliseconds; undefined for anything else, a number without unit too. */
export function parseDuration(text: string): number | undefined {
  const parts = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?$/.exec(text)
  if (parts === null || text === '') return undefined
  const [, d = 0, h = 0, m = 0, s = 0, ms = 0] = parts.map(Number).map((part) => part || 0)
  return d * unitMs.d + h * unitMs.h + m * unitMs.m + s * unitMs.s + ms
}

export function writeDuration(ms: number): string {
  const units = Object.entries(unitMs).reverse()
  let rest = ms
  let text = ''
  for (const [unit, size] of units) {
    const count = Math.floor(rest / size)
    if (count > 0) text += `${count}${unit}`
    rest -= count * size
  }
  return text === '' ? '0s' : text
}
