const leastSeconds = 120

/** What a time axis shows of points from `min` to `max` (Unix seconds): never less than two minutes, with some room. */
export function timeRange(min: number | undefined, max: number | undefined): [from: number, to: number] {
  const from = min ?? max ?? 0
  const to = max ?? from
  const room = Math.max((to - from) * 0.05, (leastSeconds - (to - from)) / 2, 1)
  return [from - room, to + room]
}
