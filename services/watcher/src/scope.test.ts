import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Scope } from './scope.ts'

const slack = { 'hermod.uswitch.com/slack': 'deploys' }

test('a namespace enters by its annotation and leaves with it', () => {
  const scope = new Scope({ named: [], annotated: true })
  assert.equal(scope.stands('shop', {}), undefined)
  assert.equal(scope.stands('shop', slack)?.kind, 'entered')
  assert.equal(scope.stands('shop', { ...slack, unrelated: 'x' }), undefined)
  assert.deepEqual(scope.stands('shop', { 'hermod.uswitch.com/slack': '' }), {
    namespace: 'shop',
    kind: 'left',
    deleted: false,
  })
})

test('a namespace in the scope whose annotations change is told of, one outside is not', () => {
  const scope = new Scope({ named: [], annotated: true })
  scope.stands('shop', slack)
  const louder = { ...slack, 'hermod.uswitch.com/alert': 'failure' }
  assert.deepEqual(scope.stands('shop', louder), { namespace: 'shop', kind: 'altered', deleted: false })
  assert.equal(scope.stands('shop', louder), undefined)
  scope.stands('quiet', {})
  assert.equal(scope.stands('quiet', { 'hermod.uswitch.com/alert': 'failure' }), undefined)
})

test('a namespace that is deleted leaves, and it is said that it was', () => {
  const scope = new Scope({ named: [], annotated: true })
  scope.stands('shop', slack)
  assert.deepEqual(scope.gone('shop'), { namespace: 'shop', kind: 'left', deleted: true })
})

test('a named namespace is in the scope whatever it says, even before it exists', () => {
  const scope = new Scope({ named: ['shop'], annotated: true })
  assert.ok(scope.includes('shop'))
  assert.deepEqual(scope.namespaces, ['shop'])
  assert.equal(scope.stands('shop', slack), undefined)
  assert.equal(scope.gone('shop'), undefined)
})

test('an asterisk is every namespace, as it comes', () => {
  const scope = new Scope({ named: ['*'], annotated: true })
  assert.deepEqual(scope.namespaces, [])
  assert.equal(scope.stands('constructor', undefined)?.kind, 'entered')
  assert.ok(scope.lists('constructor'))
})

test('without annotated namespaces the annotation alone does nothing', () => {
  const scope = new Scope({ named: ['shop'], annotated: false })
  assert.equal(scope.stands('bank', slack), undefined)
  assert.equal(scope.includes('bank'), false)
})

test('only our own annotations are kept', () => {
  const scope = new Scope({ named: [], annotated: true })
  scope.stands('shop', { ...slack, other: 'x' })
  assert.deepEqual(scope.annotationsOf('shop'), slack)
})
