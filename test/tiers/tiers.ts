/** What tests are made of, in the order in which they are run; `npm test` is all but the last. */
export const tiers = [
  'format',
  'lint',
  'types',
  'unused',
  'unit',
  'integration',
  'browser',
  'pipeline',
  'faults',
] as const

export type Tier = (typeof tiers)[number]

export type TierResult =
  | { readonly kind: 'passed'; readonly detail: string }
  | { readonly kind: 'failed'; readonly detail: string }
  | { readonly kind: 'could not run'; readonly detail: string }

/** The tiers whose tests start real parts: a nats-server, a control plane, whole processes. */
export const tiersWithRealParts: readonly Tier[] = ['integration', 'browser', 'pipeline', 'faults']

/** Which tier a test file belongs to, by its name. */
export function tierOf(file: string): Tier {
  if (file.endsWith('.faults.test.ts')) return 'faults'
  if (file.endsWith('.pipeline.test.ts')) return 'pipeline'
  if (file.endsWith('.browser.test.ts')) return 'browser'
  return file.endsWith('.integration.test.ts') ? 'integration' : 'unit'
}

/** Reads the tiers that were asked for; all but the faults when none is. Throws for an unknown one. */
export function parseTiers(names: readonly string[]): readonly Tier[] {
  const unknown = names.filter((name) => !tiers.some((tier) => tier === name))
  if (unknown.length > 0)
    throw new Error(`unknown tier ${unknown.join(', ')}; there are: ${tiers.join(', ')}`)
  return tiers.filter((tier) => (names.length === 0 ? tier !== 'faults' : names.includes(tier)))
}

/** One line a tier, and whether the run as a whole is good: nothing failed, and nothing asked for was left out. */
export function summarize(results: ReadonlyMap<Tier, TierResult>): {
  readonly text: string
  readonly ok: boolean
} {
  const lines = [...results].map(
    ([tier, { kind, detail }]) => `  ${tier.padEnd(12)} ${kind.padEnd(13)} ${detail}`,
  )
  return {
    text: ['', 'Tiers', ...lines.map((line) => line.trimEnd()), ''].join('\n'),
    ok: [...results.values()].every(({ kind }) => kind === 'passed'),
  }
}
