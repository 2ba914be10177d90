import { basename } from 'node:path'
import type { Fault, FaultResult } from './fault.ts'
import { faultMatrix } from './fault-matrix.ts'
import { type SoakPartName, soakParts } from './soak-parts.ts'

/** What the last run said: by the number of the fault, and by the part that is played at length. */
export interface LastRun {
  readonly faults: Readonly<Record<string, FaultResult>>
  /** `at`: the day. */
  readonly soak: Readonly<Partial<Record<SoakPartName, { readonly result: string; readonly at: string }>>>
}

const soakNames = Object.keys(soakParts) as SoakPartName[]

/** The document that publishes it. */
export function faultTable({ faults, soak }: LastRun): string {
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
    '## At length',
    '',
    '`npm run soak` plays all of it, `npm run soak -- PART` one part, with arguments of the part as much of it as there is',
    'time for: the result says how much that was.',
    '',
    row(['part', 'what', 'asked in full', 'last result', 'on']),
    row(['---', '---', '---', '---', '---']),
    ...soakNames.map((name) => {
      const { about, full } = soakParts[name]
      const { result = 'not played', at = '' } = soak[name] ?? {}
      return row([`\`${name}\``, about, full, result, at])
    }),
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
