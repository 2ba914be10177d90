import type { DeploymentObservation, Rollout, RolloutTransition, TransitionKind } from '@hermod/contracts'
import { factsOf } from './facts.ts'
import { isoTime } from './happened.ts'
import { withGoneUid } from './past.ts'
import { isOpen, type Tracked } from './rollout.ts'
import { type Stride, say, silently } from './transition.ts'

/** What is still open when another attempt begins. */
export function superseded(before: Tracked, by: Rollout, nowMs: number): readonly RolloutTransition[] {
  if (before.voice !== 'announced' || !isOpen(before.rollout)) return []
  const rollout: Rollout = {
    ...before.rollout,
    phase: 'superseded',
    reason: by.reason,
    message: undefined,
    supersededBy: { attempt: by.attempt, images: imagesOf(before.rollout, by) },
    times: { ...before.rollout.times, finishedAt: by.times.startedAt },
  }
  return say({ ...before, rollout }, 'superseded', by.times.startedAt, nowMs).transitions
}

function imagesOf(before: Rollout, by: Rollout): NonNullable<Rollout['supersededBy']>['images'] {
  const images = new Map(before.containers.map(({ name, image }) => [name, image]))
  return by.containers
    .filter(({ name, image }) => images.get(name) !== image)
    .map(({ name, image }) => ({ container: name, from: images.get(name), to: image }))
}

/** The watch said DELETED: this uid never comes back. */
export function deleted(tracked: Tracked, seen: DeploymentObservation, nowMs: number): Stride {
  const past = withGoneUid(tracked.past, tracked.rollout.uid)
  if (tracked.rollout.phase === 'deleted') return silently({ ...tracked, past }, 'noted')
  const { replicas: _, ...facts } = factsOf(seen, tracked.rollout.attempt)
  return ended({ ...tracked, past, rollout: { ...tracked.rollout, ...facts } }, 'Deleted', nowMs)
}

/** A younger one of the same name is there, so this uid is gone, seen or not. */
export function replaced(tracked: Tracked, nowMs: number): Stride {
  const past = withGoneUid(tracked.past, tracked.rollout.uid)
  if (tracked.rollout.phase === 'deleted') return silently({ ...tracked, past }, 'noted')
  return ended({ ...tracked, past }, 'Replaced', nowMs)
}

/** Not listed any more. Should it come back, the listing was wrong, and nobody hears of it. */
export function swept(tracked: Tracked, nowMs: number): Stride {
  if (tracked.rollout.phase === 'deleted') return silently(tracked, 'unchanged')
  return ended(tracked, 'NotListed', nowMs)
}

/** Its namespace is no longer watched: only who waits for an end is told. */
export function released(tracked: Tracked, nowMs: number): Stride {
  const { voice, rollout } = tracked
  const told = rollout.reason === 'NamespaceReleased'
  if (told || voice !== 'announced' || !isOpen(rollout)) return silently(tracked, 'unchanged')
  return ended(tracked, 'NamespaceReleased', nowMs, 'released')
}

function ended(tracked: Tracked, reason: string, nowMs: number, kind: TransitionKind = 'deleted'): Stride {
  const at = isoTime(nowMs)
  const { rollout } = tracked
  const phase = kind === 'deleted' ? 'deleted' : rollout.phase
  const times = { ...rollout.times, finishedAt: rollout.times.finishedAt ?? at }
  const closed: Rollout = { ...rollout, phase, reason, message: undefined, times }
  return say({ ...tracked, rollout: closed }, kind, at, nowMs)
}
