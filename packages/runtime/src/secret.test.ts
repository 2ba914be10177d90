import assert from 'node:assert/strict'
import { test } from 'node:test'
import { format, inspect } from 'node:util'
import { Secret } from './secret.ts'

const canary = 'canary-4711'

const printings: readonly [string, (secret: Secret) => string][] = [
  ['JSON', (secret) => JSON.stringify({ secret })],
  ['concatenation', (secret) => 'token ' + String(secret)],
  ['inspect', (secret) => inspect({ secret }, { depth: null, showHidden: true, getters: false })],
  ['console formatting', (secret) => format('%s %o %j', secret, secret, secret)],
  ['a spread', (secret: object) => JSON.stringify({ ...secret })],
  ['a clone', (secret) => inspect(structuredClone(secret))],
  ['an error', (secret) => inspect(new Error('bad', { cause: secret }))],
]

for (const [name, print] of printings)
  test(`does not leak through ${name}`, () => {
    const secret = Secret.of(canary)
    secret.reveal()
    assert.ok(!print(secret).includes(canary))
  })

test('gives its present value, and remembers those it gave', () => {
  let value = 'first'
  const secret = new Secret(() => value)
  assert.deepEqual([...secret.revealed], [])
  assert.equal(secret.reveal(), 'first')
  value = 'second'
  assert.equal(secret.reveal(), 'second')
  assert.deepEqual([...secret.revealed], ['first', 'second'])
})
