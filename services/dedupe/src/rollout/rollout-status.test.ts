import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeploymentObservation } from '@hermod/contracts'
import fc from 'fast-check'
import { rolloutStatus } from './rollout-status.ts'
import { baseline, play, settled, trace } from './testdata/trace.ts'

const count = fc.integer({ min: 0, max: 4 })
const reason = fc.constantFrom('ReplicaSetUpdated', 'NewReplicaSetAvailable', 'ProgressDeadlineExceeded')

/** Any stand of a Deployment, possible or not. */
const stand: fc.Arbitrary<DeploymentObservation> = fc
  .record({
    generation: count,
    observedGeneration: count,
    reason,
    wanted: count,
    total: count,
    updated: count,
    available: count,
  })
  .map(({ generation, observedGeneration, reason: said, ...counts }) => ({
    ...settled,
    generation,
    observedGeneration,
    replicas: { ready: 0, unavailable: 0, ...counts },
    conditions: [{ type: 'Progressing', status: 'True', reason: said, message: '' }],
  }))

type Kubectl = 'error' | 'waiting' | 'done'

/** `kubectl rollout status`, rule by rule: kubernetes/kubectl pkg/polymorphichelpers/rollout_status.go at 53ef3ab. */
function kubectl({ generation, observedGeneration, replicas, conditions }: DeploymentObservation): Kubectl {
  if (generation > observedGeneration) return 'waiting'
  if (
    conditions.some(({ type, reason: said }) => type === 'Progressing' && said === 'ProgressDeadlineExceeded')
  ) {
    return 'error'
  }
  if (replicas.updated < replicas.wanted) return 'waiting'
  if (replicas.total > replicas.updated) return 'waiting'
  if (replicas.available < replicas.updated) return 'waiting'
  return 'done'
}

test('a rollout is complete or failed only when kubectl says so, but for a deadline that complete counters refute', () => {
  fc.assert(
    fc.property(stand, (seen) => {
      const { kind } = rolloutStatus(seen, { progressing: seen.conditions[0] })
      const says = kubectl(seen)
      if (kind === 'deadline-exceeded') assert.equal(says, 'error')
      if (kind === 'complete' && says !== 'error') assert.equal(says, 'done')
      if (says === 'error') assert.notEqual(kind, 'waiting')
    }),
    { numRuns: 20_000 },
  )
})

test('what kubectl calls done is complete once surplus pods are gone too', () => {
  fc.assert(
    fc.property(stand, (seen) => {
      const { wanted, updated, total, available } = seen.replicas
      const surplus = updated > wanted || total !== updated || available !== wanted
      if (kubectl(seen) === 'done' && !surplus) assert.equal(rolloutStatus(seen, {}).kind, 'complete')
    }),
    { numRuns: 20_000 },
  )
})

test('while it lasts, a rollout carries the reason of Kubernetes and what it waits for', () => {
  const lines = `
    7 gen2 T=B
    34 obs2 U0 P=NewReplicaSetCreated
    41 R3 U1 P=ReplicaSetUpdated
    368 R3 U2 av2`
  const said = play(trace(lines), { from: baseline() }).steps.map(({ tracked }) => [
    tracked?.rollout.reason,
    tracked?.rollout.message,
  ])
  assert.deepEqual(said, [
    ['NotObserved', 'The controller has not looked at it yet'],
    ['NewReplicaSetCreated', '0 of 2 pods are updated'],
    ['ReplicaSetUpdated', '1 of 2 pods are updated'],
    ['ReplicaSetUpdated', 'old pods still there: 1'],
  ])
})
