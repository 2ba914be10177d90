import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isAtLeast } from './server-version.ts'

test('a server is old by its major version, then by its minor one, never by its patch', () => {
  for (const version of ['2.10', '2.10.0', '2.10.29-RC.1', '2.11.3', '3.0.0'])
    assert.equal(isAtLeast(version, '2.10'), true, version)
  for (const version of ['2.9.10', '2.1.99', '1.11.0', '2', '', 'dev'])
    assert.equal(isAtLeast(version, '2.10'), false, version)
})
