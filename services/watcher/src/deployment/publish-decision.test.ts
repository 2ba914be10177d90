import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { V1Deployment } from '@kubernetes/client-node'
import { readFixture, testDigester } from '../testing/fixtures.ts'
import { type DeploymentFacts, observeDeployment } from './observe.ts'
import { isOpen } from './open.ts'
import { evidenceMoved, type Sight, type Worth, worthOf } from './publish-decision.ts'

const facts = observeDeployment(readFixture<V1Deployment>('deployment-complete'), {
  digester: testDigester,
  commitShaAnnotation: '',
  repoUrlAnnotation: '',
})
const progressing = {
  ...facts,
  replicas: { ...facts.replicas, updated: 1, total: 3 },
  resourceVersion: 'other',
}
const diagnosis = {
  causes: [{ reason: 'ErrImagePull', message: '', pods: 1, restarts: 0 }],
  newPods: 1,
  oldPods: 0,
  oldPodsFailingAlike: 0,
}
const sight = (change: Partial<DeploymentFacts> = {}, more: Partial<Sight> = {}): Sight => ({
  facts: { ...facts, ...change },
  open: false,
  ...more,
})

const table: readonly [what: string, before: Sight | undefined, now: Sight, worth: Worth['kind']][] = [
  ['seen for the first time', undefined, sight(), 'lasting'],
  ['made anew under its name', sight({ uid: 'old' }), sight(), 'lasting'],
  ['another template', sight(), sight({ template: { ...facts.template, digest: 'other' } }), 'lasting'],
  ['another generation', sight(), sight({ generation: facts.generation + 1 }), 'lasting'],
  ['complete', sight(progressing), sight(), 'lasting'],
  ['no longer complete', sight(), sight(progressing), 'changed'],
  ['a condition with another reason', sight(), sight({ conditions: [] }), 'changed'],
  ['a deletion that began', sight(), sight({ deletionTimestamp: '2026-11-22T12:00:00Z' }), 'changed'],
  ['opened', sight(), sight({}, { open: true }), 'changed'],
  ['a diagnosis', sight(progressing), sight(progressing, { diagnosis }), 'changed'],
  ['mere counters', sight(progressing), sight({ ...progressing, resourceVersion: 'next' }), 'progress'],
  ['nothing', sight(), sight(), 'same'],
]

for (const [what, before, now, kind] of table) {
  test(`${what} is worth: ${kind}`, () => assert.equal(worthOf(before, now).kind, kind))
}

const old = { templateAgeMs: 3_600_000, evidenceAgeMs: 60_000 }

test('open is what is young, or incomplete with evidence that still moves', () => {
  assert.equal(isOpen(facts, old), false)
  assert.equal(isOpen(facts, { ...old, templateAgeMs: 59_000 }), true)
  assert.equal(isOpen(progressing, old), true)
  assert.equal(isOpen({ ...facts, observedGeneration: facts.generation - 1 }, old), true)
})

test('what hangs is left alone after half an hour, or a minute after a longer deadline', () => {
  const hanging = { ...old, evidenceAgeMs: 31 * 60_000 }
  assert.equal(isOpen(progressing, hanging), false)
  assert.equal(isOpen({ ...progressing, progressDeadlineSeconds: 3_600 }, hanging), true)
  assert.equal(isOpen({ ...progressing, progressDeadlineSeconds: 2_147_483_647 }, hanging), false)
})

test('a pull that goes on failing and a pod that crashes again are no new evidence', () => {
  const backOff = {
    ...diagnosis,
    causes: diagnosis.causes.map((cause) => ({ ...cause, reason: 'ImagePullBackOff' })),
  }
  const failing = sight(progressing, { diagnosis })
  assert.equal(evidenceMoved(failing, sight(progressing, { diagnosis: backOff })), false)
  assert.equal(
    evidenceMoved(
      failing,
      sight({ ...progressing, replicas: { ...progressing.replicas, ready: 0 } }, { diagnosis }),
    ),
    false,
  )
  assert.equal(
    evidenceMoved(
      failing,
      sight({ ...progressing, replicas: { ...progressing.replicas, updated: 2 } }, { diagnosis }),
    ),
    true,
  )
  assert.equal(evidenceMoved(failing, sight(progressing)), true)
})

test('what is being deleted is not looked into', () => {
  assert.equal(isOpen({ ...progressing, deletionTimestamp: '2026-11-22T12:00:00Z' }, old), false)
})
