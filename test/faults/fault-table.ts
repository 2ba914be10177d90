import { basename } from 'node:path'
import type { Fault, Result } from './fault.ts'
import { faultMatrix } from './fault-matrix.ts'

/** What the last run said: by the number of the fault, and in figures of the whole suite. */
export interface LastRun {
  readonly faults: Readonly<Record<string, Result>>
  readonly figures: readonly { readonly what: string; readonly result: string }[]
}

/** The document that publishes it. */
export function faultTable({ faults, figures }: LastRun): string {
  const rows = faultMatrix.map((fault) => {
    const result = faults[String(fault.number)] ?? 'not run'
    return row([
      String(fault.number),
      fault.fault,
      fault.promise,
      whereShown(fault),
      fault.shownBy.length > 0 ? result : '–',
    ])
  })
  return [
    '# What may go wrong, and what is promised about it',
    '',
    'Written by `npm run faults` after `npm test`. Each fault is shown by the tests that are named, or the reason stands',
    'there why none can show it. *Simulation* plays the three services as they ship on virtual time, with faults drawn',
    'from a seed; an oracle that imports nothing of theirs compares what Slack holds with the API server’s own history.',
    '',
    row(['#', 'fault', 'promise', 'shown by', 'last result']),
    row(['---', '---', '---', '---', '---']),
    ...rows,
    '',
    '## The suite as a whole',
    '',
    row(['what', 'last result']),
    row(['---', '---']),
    ...figures.map(({ what, result }) => row([what, result])),
    '',
  ].join('\n')
}

function whereShown({ shownBy, notShown }: Fault): string {
  const tests = shownBy.map(([file]) => {
    const name = file.includes('/simulation/') ? 'simulation' : basename(file).replace(/\.test\.ts$/, '')
    return `[${name}](../../${file})`
  })
  const reason = notShown === undefined ? [] : [`not shown: ${notShown}`]
  return [...new Set(tests), ...reason].join('; ')
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}
