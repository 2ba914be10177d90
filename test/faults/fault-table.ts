import { basename } from 'node:path'
import type { Fault, FaultResult } from './fault.ts'
import { faultMatrix } from './fault-matrix.ts'

/** What the last run said: by the number of the fault, and in figures of the whole suite. */
export interface LastRun {
  readonly faults: Readonly<Record<string, FaultResult>>
  readonly figures: readonly { readonly what: string; readonly result: string }[]
}

/** The document that publishes it. */
export function faultTable({ faults, figures }: LastRun): string {
  const rows = faultMatrix.map((fault) => {
    const { result = 'not run', figures: measured = '' } = faults[String(fault.number)] ?? {}
    return row([
      String(fault.number),
      fault.fault,
      fault.promise,
      whereShown(fault),
      fault.shownBy.length > 0 ? result : '–',
      measured,
    ])
  })
  return [
    '# What may go wrong, and what is promised about it',
    '',
    'Written by `npm run faults`, which plays the tests that are named. Each fault is shown by them, or the reason stands',
    'there why none can show it. *Simulation* plays the three services as they ship on virtual time, with faults drawn',
    'from a seed; *kills*, *crash-points*, *outages* and *power-cuts* do their harm to the bundles that ship, a real',
    'nats-server and a real control plane, with 20 rollouts under way. An oracle that imports nothing of the services',
    'compares what Slack holds with the API server’s own history.',
    '',
    row(['#', 'fault', 'promise', 'shown by', 'last result', 'figures']),
    row(['---', '---', '---', '---', '---', '---']),
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
    const name = file.includes('/simulation/')
      ? 'simulation'
      : basename(file).replace(/(\.faults)?\.test\.ts$/, '')
    return `[${name}](../../${file})`
  })
  const reason = notShown === undefined ? [] : [`not shown: ${notShown}`]
  return [...new Set(tests), ...reason].join('; ')
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}
