import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shippedStart } from './shipped-start.ts'

test('a program is started as its image starts it', () => {
  const { flags, env } = shippedStart('notifier')
  assert.ok(flags.includes('--optimize-for-size'))
  assert.ok(!flags.some((flag) => flag.includes('notifier')))
  assert.match(env['NODE_OPTIONS'] ?? '', /^--max-semi-space-size=\d+ --max-old-space-size=\d+$/)
  assert.equal(env['NODE_ENV'], 'production')
  assert.deepEqual(shippedStart('watcher').flags, [])
})

test('a program without an image has no such start', () => {
  assert.throws(() => shippedStart('doctor'), /starts no doctor\.mjs/)
})
