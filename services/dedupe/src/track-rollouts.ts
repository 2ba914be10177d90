// Owns what happens with an observation.
// T1. Save with outbox, publish, done. A crash in between repeats the publish; its id makes that harmless.
// T2. An outbox that somebody else left full is published before anything else is said of that Deployment.
import {
  type CloudEvent,
  type DeploymentObservation,
  deploymentKey,
  observationSubject,
} from '@hermod/contracts'
import type { Delivery, Outcome } from '@hermod/jetstream'
import type { KnownNamespaces } from './known-namespaces.ts'
import type { PublishTransitions } from './publish-transitions.ts'
import type { Surroundings } from './rollout/baseline.ts'
import type { Step } from './rollout/rollout.ts'
import { advance } from './rollout/rollout-state-machine.ts'
import type { Held, RolloutStore } from './rollout-store.ts'
import type { Cache } from './serve-cache.ts'

export interface TrackDeps {
  readonly partitions: number
  readonly store: RolloutStore
  readonly namespaces: KnownNamespaces
  readonly publish: PublishTransitions
  /** Absent without a cache file to keep. */
  readonly cache?: Pick<Cache, 'specs' | 'templates'> | undefined
  /** Told of each step once everything of it is stored. */
  readonly onStep: (step: Step, seen: DeploymentObservation) => void
}

export async function trackRollout(
  { id, data: seen }: CloudEvent<DeploymentObservation>,
  { subject, streamTimestampMs: nowMs }: Delivery,
  signal: AbortSignal,
  deps: TrackDeps,
): Promise<Outcome> {
  const { partitions, store, publish, cache, onStep } = deps
  // A watcher may publish for its own cluster alone, and its subject is all that NATS checks.
  if (subject !== observationSubject(seen, partitions)) {
    return {
      kind: 'reject',
      reason: `it speaks of ${seen.cluster}/${seen.namespace}/${seen.name}, not its subject`,
    }
  }
  const key = deploymentKey(seen, partitions)
  const held = await store.load(key, signal)
  if (held) await publish(held.outbox, signal)

  const around = held ? nothingAsked : await lookAround(seen, signal, deps)
  const step = held?.lastSeen === id ? repeat(held) : advance(held?.tracked, seen, { nowMs, ...around })
  const { tracked, transitions } = step
  await cache?.specs.keep(key, tracked, seen, signal)
  if (tracked === undefined || tracked === held?.tracked) {
    if (held) store.emptyOutboxLater(held)
  } else {
    const stored = { tracked, outbox: transitions, lastSeen: id }
    const saved = await store.save(key, stored, held?.kvRevision, signal)
    if (!saved) return { kind: 'retry', reason: 'another replica saved first', afterMs: 10 }
    await publish(transitions, signal)
    store.emptyOutboxLater(saved)
  }
  onStep(step, seen)
  return { kind: 'done' }
}

const nothingAsked: Surroundings = { namespaceKnown: false }

async function lookAround(
  seen: DeploymentObservation,
  signal: AbortSignal,
  { namespaces, cache }: TrackDeps,
): Promise<Surroundings> {
  const [namespaceKnown, cached] = await Promise.all([
    namespaces.has(seen, signal),
    cache?.templates.compare(seen, signal),
  ])
  return { namespaceKnown, cached }
}

function repeat({ tracked }: Held): Step {
  return { tracked, transitions: [], outcome: 'unchanged' }
}
