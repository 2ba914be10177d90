/** What the benchmarks print: one line a figure, with what was asked for beside it. */
export interface Figure {
  readonly what: string
  readonly asked: string
  readonly measured: string
}

/** Printed as it is measured: what comes later may fail. */
export function print({ what, asked, measured }: Figure): void {
  process.stdout.write(`${what.padEnd(42)}  ${asked.padEnd(38)}  ${measured}\n`)
}

/** The value that `share` of the samples do not exceed. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

export function p50p99(samples: readonly number[]): string {
  return `p50 ${quantile(samples, 0.5).toFixed(1)} ms, p99 ${quantile(samples, 0.99).toFixed(1)} ms`
}

/** To the person who waits. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** Runs `job` over all items, `atOnce` at a time. */
export async function inParallel<T>(
  items: readonly T[],
  atOnce: number,
  job: (item: T) => Promise<unknown>,
): Promise<void> {
  const queue = items.values()
  const work = async (): Promise<void> => {
    for (const item of queue) await job(item)
  }
  await Promise.all(Array.from({ length: atOnce }, work))
}
