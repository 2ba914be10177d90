export type SoakPartName = 'kills' | 'cuts' | 'memory' | 'simulation' | 'fuzz' | 'planted' | 'mutation'

export interface SoakPart {
  readonly about: string
  /** What is asked. */
  readonly full: string
  /** Its last line says what it found. */
  readonly command: readonly [program: string, ...args: string[]]
}

/** What is played at length. */
export const soakParts: Readonly<Record<SoakPartName, SoakPart>> = {
  kills: {
    about: 'kill -9 and SIGTERM of every process',
    full: '2,000 and 500',
    command: ['test/chaos/kills-main.ts', '2000', '500'],
  },
  cuts: {
    about: 'power cuts of NATS, each write flushed and none',
    full: '50 and 20',
    command: ['test/chaos/cuts-main.ts', '50', '20'],
  },
  memory: {
    about: 'growth under load',
    full: 'at most 1 MiB an hour',
    command: ['test/chaos/memory-main.ts'],
  },
  simulation: {
    about: 'simulated runs',
    full: '1,000,000',
    command: ['test/simulation/main.ts', '--seeds', '1000000'],
  },
  fuzz: { about: 'fuzzed inputs', full: '10,000,000', command: ['test/fuzz/main.ts', '10000000'] },
  planted: { about: 'planted bugs', full: 'all', command: ['test/planted/main.ts'] },
  mutation: { about: 'mutants killed', full: '85 %', command: ['test/mutation/main.ts'] },
}

export function isSoakPartName(name: string): name is SoakPartName {
  return Object.hasOwn(soakParts, name)
}
