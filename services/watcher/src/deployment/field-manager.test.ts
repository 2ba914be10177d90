import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { V1ManagedFieldsEntry } from '@kubernetes/client-node'
import { lastTemplateWriter } from './field-manager.ts'
import type { Wire } from './wire.ts'

const template = { 'f:spec': { 'f:template': { 'f:spec': {} } } }

const entry = (
  manager: string,
  time: string,
  fieldsV1: object = template,
  more: Wire<V1ManagedFieldsEntry> = {},
): Wire<V1ManagedFieldsEntry> => ({
  manager,
  operation: 'Update',
  time: `2026-11-27T10:00:${time}Z`,
  fieldsV1,
  ...more,
})

test('who last wrote the pod template applied it, whoever wrote something else later', () => {
  const written = lastTemplateWriter([
    entry('helm', '01'),
    entry('argocd-controller', '02', template, { operation: 'Apply' }),
    entry('kubectl-scale', '03', { 'f:spec': { 'f:replicas': {} } }),
    entry('kube-controller-manager', '04', template, { subresource: 'status' }),
    entry('kubectl-annotate', '05', { 'f:metadata': { 'f:annotations': {} } }),
  ])
  assert.deepEqual(written, {
    manager: 'argocd-controller',
    operation: 'Apply',
    time: '2026-11-27T10:00:02Z',
  })
})

test('of two within one second the later entry counts', () => {
  assert.equal(lastTemplateWriter([entry('kubectl', '01'), entry('helm', '01')])?.manager, 'helm')
})

for (const [what, managedFields] of [
  ['none', undefined],
  ['null', null],
  ['without fields', [entry('kubectl', '01', template, { fieldsV1: null })]],
  ['with fields of another form', [entry('kubectl', '01', template, { fieldsV1: 'f:spec' })]],
] as const) {
  test(`managedFields that tell nothing name nobody: ${what}`, () => {
    assert.equal(lastTemplateWriter(managedFields), undefined)
  })
}
