import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plainFields } from './log-fields.ts'
import { Secret } from './secret.ts'

const plainFieldsOf = (value: unknown): unknown => plainFields(value, (text) => text)

test('of an error name, message, code, stack and causes are left, whatever else it carries', () => {
  const cause = Object.assign(new TypeError('inner'), { code: 'ECONNRESET', request: { body: 'private' } })
  const error = Object.assign(new Error('outer', { cause }), {
    options: { headers: { authorization: 'private' } },
  })
  assert.deepEqual(plainFieldsOf({ err: error }), {
    err: {
      name: 'Error',
      message: 'outer',
      stack: error.stack,
      cause: { name: 'TypeError', message: 'inner', code: 'ECONNRESET', stack: cause.stack },
    },
  })
})

test('an aggregate tells each of its errors', () => {
  const plain = JSON.stringify(
    plainFieldsOf(new AggregateError([new Error('one'), new Error('two')], 'both')),
  )
  assert.match(plain, /"message":"one".*"message":"two"/)
})

const plain: readonly [string, unknown, unknown][] = [
  ['a secret', { token: Secret.of('canary') }, { token: '[secret]' }],
  ['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
  ['a URL', new URL('https://host/x'), 'https://host/x'],
  ['a bigint', 2n ** 64n, '18446744073709551616'],
  ['bytes', Buffer.from('private'), '(7 bytes)'],
  ['a map', new Map([['a', new Set([1])]]), { a: [1] }],
  ['nothing', [null, undefined], [null, undefined]],
  ['a function', { f: () => 1 }, { f: undefined }],
  ['a null prototype', Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
  ['__proto__ as a name', JSON.parse('{"__proto__":{"a":1}}'), JSON.parse('{"__proto__":{"a":1}}')],
]

for (const [name, value, expected] of plain)
  test(`shows ${name}`, () => {
    assert.deepEqual(plainFieldsOf(value), expected)
  })

test('a long text is cut, never inside a character', () => {
  const cut = String(plainFieldsOf(`${'x'.repeat(1999)}😀${'x'.repeat(9000)}`))
  assert.ok(cut.length < 2100)
  assert.ok(cut.isWellFormed())
  assert.match(cut, /\(11001 characters\)$/)
})

test('circles, depth and breadth have an end', () => {
  const circle: Record<string, unknown> = {}
  circle['self'] = circle
  const wide = Array.from({ length: 1000 }, () => Array.from({ length: 1000 }, () => 'x'.repeat(10)))
  assert.ok(JSON.stringify(plainFieldsOf(circle)).length < 200)
  assert.ok(JSON.stringify(plainFieldsOf(wide)).length < 20_000)
})

test('a field that throws is told, not thrown', () => {
  const trap = {
    get field() {
      throw new Error('trap')
    },
  }
  assert.equal(plainFieldsOf(trap), '(cannot be shown: Error: trap)')
})
