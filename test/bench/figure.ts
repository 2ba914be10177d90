/** What the table is made of. Everything here is plain data: it is kept as JSON between two runs. */

export type Peer = 'hermod' | 'deploy-notifier' | 'kubewatch'

/** Less is better. `never` = not even with time. */
export type Amount = number | 'never'

export interface Cell {
  readonly text: string
  /** What may be compared with the same of somebody else, each by itself: p50 and p95, lost and doubled. */
  readonly amounts?: readonly Amount[]
}

export interface Figure {
  /** The same words for whoever is measured. */
  readonly what: string
  readonly cell: Cell
  /** What is asked of us: as many amounts, each at most. */
  readonly aim?: { readonly text: string; readonly most: readonly number[] }
  /** What others were measured at before. */
  readonly peers?: Readonly<Partial<Record<Peer, Cell>>>
}

/** Whether the aim is met; undefined where there is none, or nothing was measured. */
export function meetsAim({ cell, aim }: Figure): boolean | undefined {
  if (aim === undefined || cell.amounts === undefined) return undefined
  return aim.most.every((most, at) => atMost(cell.amounts?.[at] ?? 'never', most))
}

export type Standing = 'behind' | 'level' | 'ahead'

/** Behind is who is worse in any of the amounts; undefined where nothing can be compared. */
export function compare(ours: Cell, theirs: Cell): Standing | undefined {
  if (ours.amounts === undefined || theirs.amounts === undefined) return undefined
  const pairs = ours.amounts.map((amount, at) => [amount, theirs.amounts?.[at] ?? amount] as const)
  if (pairs.some(([our, their]) => !atMost(our, their))) return 'behind'
  return pairs.every(([our, their]) => atMost(their, our)) ? 'level' : 'ahead'
}

function atMost(amount: Amount, most: Amount): boolean {
  if (most === 'never') return true
  return amount !== 'never' && amount <= most
}

/** The nearest-rank quantile; undefined of nothing. */
export function quantile(samples: readonly number[], part: number): number | undefined {
  const sorted = samples.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)]
}

/** `12 / 31 ms`: p50 and p95 of milliseconds. */
export function spread(samples: readonly number[]): Cell {
  const [p50, p95] = [0.5, 0.95].map((part) => quantile(samples, part))
  if (p50 === undefined || p95 === undefined) return { text: 'never', amounts: ['never', 'never'] }
  const digits = p95 < 100 ? 1 : 0
  return { text: `${p50.toFixed(digits)} / ${p95.toFixed(digits)} ms`, amounts: [p50, p95] }
}

export function seconds(ms: number | undefined): Cell {
  if (ms === undefined) return { text: 'never', amounts: ['never'] }
  return { text: `${(ms / 1_000).toFixed(1)} s`, amounts: [ms] }
}

export interface Passed {
  readonly messages: number
  readonly ms: number
}

export function rateOf({ messages, ms }: Passed): string {
  return `${((messages / ms) * 1_000).toFixed(0)}/s (${messages} in ${(ms / 1_000).toFixed(1)} s)`
}
