/** PURE: how fast a process grows, from samples of its memory. */

export interface MemorySample {
  /** Monotonic. */
  readonly atMs: number
  readonly mebibytes: number
}

const minuteMs = 60_000
/** A slope over fewer is chance. */
export const fewestMinutes = 10
const minutesPerHour = 60

/**
 * MiB an hour. Of each minute the lowest counts, since between two collections a process only rises; over those it is
 * the median of the slopes of all pairs (Theil and Sen), which a single step or spike does not bend. Throws a
 * RangeError for less than ten minutes.
 */
export function memorySlope(samples: readonly MemorySample[]): number {
  const [{ atMs: fromMs } = { atMs: 0 }] = samples
  const byMinute = Map.groupBy(samples, ({ atMs }) => Math.floor((atMs - fromMs) / minuteMs))
  const lowest = [...byMinute].map(([minute, within]) => ({
    minute,
    mebibytes: Math.min(...within.map(({ mebibytes }) => mebibytes)),
  }))
  if (lowest.length < fewestMinutes)
    throw new RangeError(`${lowest.length} minutes are too few to see a slope`)
  const slopes = lowest.flatMap((one, index) =>
    lowest.slice(index + 1).map((other) => (other.mebibytes - one.mebibytes) / (other.minute - one.minute)),
  )
  return median(slopes) * minutesPerHour
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = Math.floor(sorted.length / 2)
  const [low = 0, high = low] =
    sorted.length % 2 === 1 ? [sorted[middle]] : sorted.slice(middle - 1, middle + 1)
  return (low + high) / 2
}
