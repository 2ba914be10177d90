export interface Row {
  readonly what: string
  /** Milliseconds, one a rollout. */
  readonly samples: readonly number[]
  /** What others took for the same, measured beforehand: p50 / p95. */
  readonly peers?: string
}

/** A table of p50, p95, p99 and the worst of each row, in milliseconds. */
export function latencyTable(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(({ what }) => what.length))
  const cell = (value: number | undefined): string =>
    (value === undefined ? '–' : value.toFixed(1)).padStart(8)
  const line = ({ what, samples, peers }: Row): string =>
    what.padEnd(width) +
    [0.5, 0.95, 0.99, 1].map((part) => cell(quantile(samples, part))).join('') +
    (peers === undefined ? '' : `  ${peers}`)
  return [
    ''.padEnd(width) +
      ['p50', 'p95', 'p99', 'max'].map((head) => head.padStart(8)).join('') +
      (rows.some(({ peers }) => peers) ? '  peers, p50 / p95' : ''),
    ...rows.map(line),
  ].join('\n')
}

/** The nearest-rank quantile; undefined of nothing. */
export function quantile(samples: readonly number[], part: number): number | undefined {
  const sorted = samples.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)]
}
