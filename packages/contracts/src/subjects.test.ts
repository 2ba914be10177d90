import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { partitionOf } from './partition.ts'
import {
  deploymentKey,
  escapeToken,
  observationSubject,
  parseDeploymentKey,
  rolloutSubject,
  snapshotSubject,
  unescapeToken,
} from './subjects.ts'

const text = fc.string({
  unit: fc.constantFrom('a', 'Z', '0', '-', '.', '_', '/', '*', '>', ' ', 'é', '🚀', '\uFEFF'),
})
const deployment = fc.record({ cluster: text, namespace: text, name: text })

test('a token is legal in a subject and in a KV key, and is read back as it was', () => {
  fc.assert(
    fc.property(fc.oneof(text, fc.string({ unit: 'grapheme' })), (original) => {
      const token = escapeToken(original)
      assert.match(token, /^[A-Za-z0-9_-]+$/)
      assert.equal(unescapeToken(token), original)
    }),
  )
})

test('a token that escapeToken never makes is not read', () => {
  for (const token of ['', '__', '_4', '_2E', 'a.b', '_ff', '_61', '_snapshot']) {
    assert.equal(unescapeToken(token), undefined, token)
  }
})

test('text with a lone surrogate is refused rather than confused with another', () => {
  assert.throws(() => escapeToken('a\uD800'), /not well-formed/)
})

test('no two Deployments share a KV key or a subject', () => {
  fc.assert(
    fc.property(deployment, deployment, (a, b) => {
      const same = JSON.stringify(a) === JSON.stringify(b)
      assert.equal(deploymentKey(a, 16) === deploymentKey(b, 16), same)
      assert.equal(observationSubject(a, 16) === observationSubject(b, 16), same)
      assert.equal(rolloutSubject(a, 'started', 16) === rolloutSubject(b, 'started', 16), same)
    }),
  )
})

test('no Deployment shares a subject with the markers of its cluster', () => {
  fc.assert(
    fc.property(deployment, (some) => {
      const marker = snapshotSubject(some.cluster, partitionOf(some, 16))
      assert.notEqual(observationSubject(some, 16), marker)
    }),
  )
})

test('a KV key names its Deployment and partition', () => {
  fc.assert(
    fc.property(deployment, (some) => {
      assert.deepEqual(parseDeploymentKey(deploymentKey(some, 16)), {
        ...some,
        partition: partitionOf(some, 16),
      })
    }),
  )
  for (const key of ['', '1', '1.a.b', '1.a.b.c.d', 'x.a.b.c', '1.a..c']) {
    assert.equal(parseDeploymentKey(key), undefined, key)
  }
})

test('the spelling of subjects is what other programs subscribe to', () => {
  const checkout = { cluster: 'prod.eu', namespace: 'shop', name: 'check_out' }
  const p = partitionOf(checkout, 16)
  assert.equal(observationSubject(checkout, 16), `hermod.observation.${p}.prod_2eeu.shop.check_5fout`)
  assert.equal(
    rolloutSubject(checkout, 'failed', 16),
    `hermod.rollout.${p}.prod_2eeu.shop.check_5fout.failed`,
  )
  assert.equal(snapshotSubject('prod.eu', 3), 'hermod.observation.3.prod_2eeu._snapshot')
})
