/** A clock time that each reader sees in their own zone; whoever cannot sees UTC. `time` is RFC 3339. */
export function clockTime(time: string): string {
  const date = new Date(time)
  const utc = date.toISOString().slice(11, 16)
  return `<!date^${Math.floor(date.getTime() / 1000)}^{time}|${utc} UTC>`
}

/** From one RFC 3339 time to another, in whole seconds and never negative. */
export function secondsBetween(from: string, to: string): number {
  return Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000))
}

const units = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
] as const

/** `1 m 12 s`, `2 h`, `3 d`: the two largest units that are not zero; what is shorter than any is `under 1 s`. */
export function span(seconds: number): string {
  const parts: string[] = []
  let rest = Math.round(seconds)
  for (const [unit, size] of units) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count > 0) parts.push(`${count} ${unit}`)
    else if (parts.length > 0) break
    if (parts.length === 2) break
  }
  return parts.join(' ') || 'under 1 s'
}

/** As `clockTime`, with the day in front. */
export function dayAndTime(time: string): string {
  const date = new Date(time)
  const utc = date.toISOString().slice(0, 16).replace('T', ' ')
  return `<!date^${Math.floor(date.getTime() / 1000)}^{date_short_pretty} {time}|${utc} UTC>`
}
