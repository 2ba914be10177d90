import { type Cell, compare, type Figure, meetsAim, type Peer } from './figure.ts'
import { peers } from './measured-peers.ts'

/** One part of the benchmark, as it was last measured. */
export interface MeasuredPart {
  /** `2026-11-27 11:20, 2 cores (AMD EPYC), 24 GiB` */
  readonly measured: string
  readonly figures: readonly Figure[]
  /** The same of programs that were put beside ours, by name and by what it says. */
  readonly beside?: Readonly<Record<string, readonly Figure[]>>
}

/** The one table: a row a figure, parts in this order. */
export function benchTable(parts: readonly MeasuredPart[]): string {
  const rivals = [...new Set(parts.flatMap(({ beside = {} }) => Object.keys(beside)))]
  const known = Object.keys(peers) as Peer[]
  const head = ['what', 'Hermod', 'aim', 'beside the others', ...rivals, ...known.map((name) => peers[name])]
  const rows = parts.flatMap(({ figures, beside = {} }) =>
    figures.map((figure) => {
      const live = rivals.map((name) => beside[name]?.find(({ what }) => what === figure.what)?.cell)
      const others = new Map<string, Cell>([
        ...rivals.flatMap((name, at) => (live[at] ? [[name, live[at]] as const] : [])),
        ...known.flatMap((name) => (figure.peers?.[name] ? [[name, figure.peers[name]] as const] : [])),
      ])
      return [
        figure.what,
        figure.cell.text,
        aimOf(figure),
        standing(figure.cell, others),
        ...live.map((cell) => cell?.text ?? '–'),
        ...known.map((name) => figure.peers?.[name]?.text ?? '–'),
      ]
    }),
  )
  return [head, head.map(() => '---'), ...rows].map(row).join('\n')
}

function aimOf(figure: Figure): string {
  const met = meetsAim(figure)
  if (figure.aim === undefined) return '–'
  return met === undefined ? figure.aim.text : `${figure.aim.text}: ${met ? 'met' : '**missed**'}`
}

function standing(ours: Cell, others: ReadonlyMap<string, Cell>): string {
  const by = Map.groupBy(others.keys(), (name) => compare(ours, others.get(name) ?? { text: '' }))
  const [behind, level, ahead] = (['behind', 'level', 'ahead'] as const).map((each) => by.get(each) ?? [])
  const said = [
    ...(behind?.length ? [`**behind ${behind.join(', ')}**`] : []),
    ...(level?.length ? [`level with ${level.join(', ')}`] : []),
    ...(ahead?.length ? [`ahead of ${ahead.join(', ')}`] : []),
  ]
  return said.join('; ') || '–'
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}
