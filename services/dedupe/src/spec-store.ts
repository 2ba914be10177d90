// Owns the bucket `specs`: full specs for the cache file. They hold values of env, so nobody else may read them.
// P1. Kept per attempt: while a new template is on its way, the file still needs the one whose result is known.
import { type DeploymentObservation, type Parsed, parseFields } from '@hermod/contracts'
import { type BucketOptions, MessageTooLarge, openBucket } from '@hermod/jetstream'
import { sameData } from './rollout/containers.ts'
import type { Tracked } from './rollout/rollout.ts'

type Spec = NonNullable<DeploymentObservation['spec']>

export interface SpecStore {
  /** Keeps the spec that this observation carries, if any, for the attempt that it was found to belong to. */
  keep(
    key: string,
    tracked: Tracked | undefined,
    seen: DeploymentObservation,
    signal: AbortSignal,
  ): Promise<void>
  load(key: string, attempt: Attempt, signal: AbortSignal): Promise<Spec | undefined>
  remove(key: string, signal: AbortSignal): Promise<void>
}

interface Attempt {
  readonly uid: string
  readonly attempt: number
}

interface KeptSpecs {
  readonly version: number
  /** Newest last. */
  readonly specs: readonly (Attempt & { readonly spec: Spec })[]
}

const specsKept = 3

export function openSpecStore(options: Omit<BucketOptions<unknown>, 'parse'>): SpecStore {
  const bucket = openBucket({ ...options, parse: parseKept })
  return {
    async keep(key, tracked, { spec }, signal) {
      if (!tracked || spec === undefined) return
      const { uid, attempt } = tracked.rollout
      const isOf = (kept: Attempt): boolean => kept.uid === uid && kept.attempt === attempt
      for (;;) {
        const entry = await bucket.load(key, signal)
        const kept = entry?.value.specs ?? []
        if (kept.some((one) => isOf(one) && sameData(one.spec, spec))) return
        const others = kept.filter((one) => !isOf(one))
        const specs = [...others, { uid, attempt, spec }].slice(-specsKept)
        if (await saved(key, { version: 1, specs }, entry?.kvRevision, signal)) return
      }
    },
    async load(key, { uid, attempt }, signal) {
      const entry = await bucket.load(key, signal)
      return entry?.value.specs.find((kept) => kept.uid === uid && kept.attempt === attempt)?.spec
    },
    async remove(key, signal) {
      await bucket.remove(key, undefined, signal)
    },
  }

  // A spec too large to keep is as one that was never sent: its entry leaves the file.
  async function saved(
    key: string,
    value: KeptSpecs,
    kvRevision: number | undefined,
    signal: AbortSignal,
  ): Promise<boolean> {
    try {
      return (await bucket.save(key, value, kvRevision, signal)) !== undefined
    } catch (error) {
      if (error instanceof MessageTooLarge) return true
      throw error
    }
  }
}

function parseKept(data: unknown): Parsed<KeptSpecs> {
  return parseFields<KeptSpecs>(data, 1, ({ specs }) =>
    Array.isArray(specs) ? { version: 1, specs } : 'specs: expected a list',
  )
}
