import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { V1Deployment, V1PodTemplateSpec, V1ReplicaSet } from '@kubernetes/client-node'
import fc from 'fast-check'
import { readFixture, testDigester } from '../testing/fixtures.ts'
import { canonicalJson } from './canonical-json.ts'
import { newReplicaSetOf, observeReplicaSet } from './replica-set-facts.ts'
import { templateDigest, templateFacts } from './template-digest.ts'
import { asWire, type Wire } from './wire.ts'

type Template = Wire<V1PodTemplateSpec>

const template = (): Template => readFixture<V1Deployment>('deployment-complete').spec?.template ?? {}

/** The template with the value at this path replaced. */
function withValue(path: readonly (string | number)[], value: unknown): Template {
  const copy = structuredClone<unknown>(template())
  let at = copy as Record<string | number, unknown>
  for (const key of path.slice(0, -1)) at = at[key] as Record<string | number, unknown>
  at[path.at(-1) ?? ''] = value
  return asWire<V1PodTemplateSpec>(copy)
}

const app = ['spec', 'containers', 0]
const changes: readonly [aspect: string, changed: Template][] = [
  ['image/app', withValue([...app, 'image'], 'cart:2')],
  ['command/app', withValue([...app, 'args'], ['--other'])],
  ['env/app', withValue([...app, 'env', 0, 'value'], 'hunter3')],
  ['resources/app', withValue([...app, 'resources', 'limits', 'memory'], '512Mi')],
  ['probes/app', withValue([...app, 'readinessProbe', 'httpGet', 'path'], '/other')],
  ['rest/app', withValue([...app, 'volumeMounts', 0, 'mountPath'], '/other')],
  ['volumes', withValue(['spec', 'volumes', 0, 'emptyDir'], { medium: 'Memory' })],
  ['restartedAt', withValue(['metadata', 'annotations', 'kubectl.kubernetes.io/restartedAt'], 'now')],
  ['rest', withValue(['spec', 'terminationGracePeriodSeconds'], 5)],
  ['rest', withValue(['metadata', 'annotations', 'checksum/config'], 'abc')],
  ['image/migrate', withValue(['spec', 'initContainers', 0, 'image'], 'cart-migrate:2')],
]

for (const [aspect, changed] of changes) {
  test(`a change is seen in the aspect that it belongs to, and in no other: ${aspect}`, () => {
    const before = templateFacts(template(), testDigester)
    const after = templateFacts(changed, testDigester)
    assert.notEqual(after.digest, before.digest)
    const names = new Set([...Object.keys(before.aspects), ...Object.keys(after.aspects)])
    const differing = [...names].filter((name) => before.aspects[name] !== after.aspects[name])
    assert.deepEqual(differing, [aspect])
  })
}

test('a template has one digest, however its keys are ordered and its nulls written', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const reversed = Object.fromEntries(Object.entries(value).reverse())
      assert.equal(canonicalJson(reversed), canonicalJson(value))
      assert.equal(canonicalJson({ ...value, absent: null }), canonicalJson({ ...value, absent: undefined }))
    }),
  )
})

test('another key makes other digests', () => {
  const other = { ...testDigester, digest: (text: string) => testDigester.digest(`other ${text}`) }
  assert.notEqual(templateDigest(template(), other), templateDigest(template(), testDigester))
})

test('the new ReplicaSet is the one whose template is that of the Deployment', () => {
  const sets = ['replica-set-old', 'replica-set-new'].flatMap((name) => {
    const set = observeReplicaSet(readFixture<V1ReplicaSet>(name), () => testDigester)
    return set === undefined ? [] : [set]
  })
  const deployment = readFixture<V1Deployment>('deployment-progressing')
  const digest = templateDigest(deployment.spec?.template ?? {}, testDigester)
  const found = newReplicaSetOf(sets, digest)
  assert.equal(found?.name, readFixture<V1ReplicaSet>('replica-set-new').metadata?.name)
  assert.equal(found?.revision, '2')
  assert.equal(found?.deploymentUid, deployment.metadata?.uid)
})

test('of two ReplicaSets with one template the older is the new one, as the controller has it', () => {
  const set = observeReplicaSet(readFixture<V1ReplicaSet>('replica-set-new'), () => testDigester)
  assert.ok(set)
  const younger = { ...set, name: 'a', uid: 'younger', creationTimestamp: '2099-01-01T00:00:00Z' }
  assert.equal(newReplicaSetOf([younger, set], set.templateDigest), set)
})
