import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Parsed, parseFields } from './parsed.ts'

interface Mark {
  readonly version: number
  readonly name: string
}

function parseMark(data: unknown): Parsed<Mark> {
  return parseFields<Mark>(data, 2, ({ name }) =>
    typeof name === 'string' ? { version: 2, name } : 'name: expected a text',
  )
}

test('a value is read by its fields alone, and what is wrong with them is told', () => {
  const value = { version: 2, name: 'a' }
  assert.deepEqual(parseMark({ ...value, later: true }), { kind: 'ok', value })
  assert.deepEqual(parseMark({ version: 2 }), { kind: 'malformed', problem: 'name: expected a text' })
})

test('a newer value is told apart before its fields are looked at', () => {
  assert.deepEqual(parseMark({ version: 3 }), { kind: 'newer', version: 3 })
})

test('a value without the version that is read is malformed, whatever else it holds', () => {
  const malformed = { kind: 'malformed', problem: 'version: expected 2' }
  for (const version of [undefined, null, '2', 1, -1, 2.5, Number.NaN])
    assert.deepEqual(parseMark({ version, name: 'a' }), malformed)
  for (const data of [undefined, null, 'text', 2, [], {}, { name: 'a' }])
    assert.deepEqual(parseMark(data), malformed)
})
