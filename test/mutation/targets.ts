/** Whose tests must notice nearly every change of a line, and which tests those are. */
export interface Target {
  readonly name: string
  readonly folder: string
  /** Sources in the folder, as globs. */
  readonly sources: readonly string[]
  readonly tests: readonly string[]
}

export const targets: readonly Target[] = [
  {
    name: 'advance',
    folder: 'services/dedupe/src/rollout',
    sources: ['*.ts', '!*.test.ts'],
    tests: ['*.test.ts', '!*.integration.test.ts'],
  },
  {
    name: 'cache codec',
    folder: 'services/dedupe/src/cache',
    sources: ['*.ts', '!*.test.ts'],
    tests: ['*.test.ts'],
  },
  {
    name: 'settlement',
    folder: 'packages/jetstream/src',
    sources: ['settlement.ts'],
    tests: ['settlement.test.ts'],
  },
  {
    name: 'slack-verdict',
    folder: 'services/notifier/src/notification',
    sources: ['slack-verdict.ts'],
    tests: ['slack-verdict.test.ts'],
  },
  {
    name: 'render escapes',
    folder: 'services/notifier/src/notification',
    sources: ['escape.ts'],
    tests: ['escape.test.ts'],
  },
]

/** In percent, of each target. */
export const leastScore = 85
