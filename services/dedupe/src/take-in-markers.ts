// Owns what happens with a marker of a snapshot or of a namespace that left the scope.
// M1. Only a complete snapshot whose begin is known sweeps, only in namespaces that it listed completely, and only
//     what was last stored before it began: a Deployment made meanwhile is not in the listing and not gone.
//     Of other namespaces it knows only whether they are still watched at all.
// M2. A marker that is delivered again does what is left to do.
import {
  escapeToken,
  type NamespaceReleased,
  parseDeploymentKey,
  type SnapshotEnd,
  type SnapshotMarker,
} from '@hermod/contracts'
import type { Delivery, Outcome } from '@hermod/jetstream'
import type { KnownNamespaces } from './known-namespaces.ts'
import type { PublishTransitions } from './publish-transitions.ts'
import { released, swept } from './rollout/end.ts'
import type { Step } from './rollout/rollout.ts'
import type { Held, RolloutStore } from './rollout-store.ts'
import type { Cache } from './serve-cache.ts'
import type { SnapshotStore } from './snapshot-store.ts'

export interface MarkerDeps {
  readonly store: RolloutStore
  readonly snapshots: SnapshotStore
  readonly namespaces: KnownNamespaces
  readonly publish: PublishTransitions
  readonly cache?: Pick<Cache, 'specs'> | undefined
  readonly onStep: (step: Step) => void
}

const done: Outcome = { kind: 'done' }
const outrun: Outcome = { kind: 'retry', reason: 'another replica saved first' }

// Longer than OBSERVATIONS keeps anything that could bring it back.
const deletedKeptMs = 24 * 3_600_000

export async function takeInMarker(
  marker: SnapshotMarker,
  delivery: Delivery,
  signal: AbortSignal,
  deps: MarkerDeps,
): Promise<Outcome> {
  if (marker.kind === 'snapshot-end') return await takeInEnd(marker, delivery, signal, deps)
  if (marker.kind === 'released') return await release(marker, delivery, signal, deps)
  deps.store.distrust(marker.partition)
  await deps.snapshots.begun(marker, delivery.streamTimestampMs, signal)
  return done
}

async function takeInEnd(
  end: SnapshotEnd,
  { streamTimestampMs: nowMs }: Delivery,
  signal: AbortSignal,
  deps: MarkerDeps,
): Promise<Outcome> {
  const snapshot = await deps.snapshots.ended(end, signal)
  if (!snapshot) return done
  const { beganMs, pieces } = snapshot
  const namespaces = new Set(pieces.flatMap((piece) => piece.namespaces))
  const present = new Set(pieces.flatMap((piece) => piece.deployments.map(nameOf)))
  const wholeScope = pieces.every((piece) => piece.wholeScope)
  if (beganMs !== undefined) {
    for (const key of await deps.store.keys(`${end.partition}.${escapeToken(end.cluster)}.*.*`, signal)) {
      const named = parseDeploymentKey(key)
      if (!named || present.has(nameOf(named))) continue
      const listed = namespaces.has(named.namespace)
      if (!listed && !wholeScope) continue
      const held = await deps.store.load(key, signal)
      if (!held || held.tracked.seen.atMs >= beganMs) continue
      const settled = await (listed ? sweep : letGo)(held, nowMs, signal, deps)
      if (!settled) return outrun
    }
    if (wholeScope) await deps.namespaces.retain(end, namespaces, signal)
  }
  await deps.namespaces.add(end, [...namespaces], signal)
  return done
}

async function sweep(held: Held, nowMs: number, signal: AbortSignal, deps: MarkerDeps): Promise<boolean> {
  const { rollout, seen } = held.tracked
  const expired = rollout.phase === 'deleted' && nowMs - seen.atMs > deletedKeptMs
  if (expired && held.outbox.length === 0) return await forget(held, signal, deps)
  const said = await say(held, swept(held.tracked, nowMs), signal, deps)
  if (said) deps.store.emptyOutboxLater(said)
  return said !== undefined
}

async function release(
  { namespace, cluster, partition }: NamespaceReleased,
  { streamTimestampMs: nowMs }: Delivery,
  signal: AbortSignal,
  deps: MarkerDeps,
): Promise<Outcome> {
  const filter = `${partition}.${escapeToken(cluster)}.${escapeToken(namespace)}.*`
  for (const key of await deps.store.keys(filter, signal)) {
    const held = await deps.store.load(key, signal)
    if (held && !(await letGo(held, nowMs, signal, deps))) return outrun
  }
  await deps.namespaces.remove({ partition, cluster }, namespace, signal)
  return done
}

/** Closes what is open and forgets the rest: it is watched no longer. False when it was changed since. */
async function letGo(held: Held, nowMs: number, signal: AbortSignal, deps: MarkerDeps): Promise<boolean> {
  const said = await say(held, released(held.tracked, nowMs), signal, deps)
  return said !== undefined && (await forget(said, signal, deps))
}

/** False when it was changed since. */
async function forget(held: Held, signal: AbortSignal, { store, cache }: MarkerDeps): Promise<boolean> {
  await cache?.specs.remove(held.key, signal)
  return await store.remove(held, signal)
}

/** As with an observation: save with outbox, publish. Undefined when another replica was first. */
async function say(held: Held, step: Step, signal: AbortSignal, deps: MarkerDeps): Promise<Held | undefined> {
  const { store, publish, onStep } = deps
  await publish(held.outbox, signal)
  const { tracked, transitions } = step
  if (!tracked || tracked === held.tracked) return held
  const stored = { tracked, outbox: transitions, lastSeen: held.lastSeen }
  const saved = await store.save(held.key, stored, held.kvRevision, signal)
  if (!saved) return undefined
  await publish(transitions, signal)
  onStep(step)
  return saved
}

function nameOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`
}
