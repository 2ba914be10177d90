import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Obstacles } from './obstacles.ts'

test('a part is told as clear only when none of its members has an obstacle', () => {
  const told: (string | undefined)[] = []
  const obstacles = new Obstacles('publishing', (part, obstacle) =>
    told.push(obstacle && `${part}: ${obstacle}`),
  )
  obstacles.set('a', 'full')
  obstacles.set('b', 'away')
  obstacles.set('a', undefined)
  obstacles.set('b', undefined)
  assert.deepEqual(told, ['publishing: full', 'publishing: away', undefined])
})

test('what did not change is not told again', () => {
  const told: (string | undefined)[] = []
  const obstacles = new Obstacles('publishing', (_, obstacle) => told.push(obstacle))
  obstacles.set('a', undefined)
  obstacles.set('a', 'full')
  obstacles.set('a', 'full')
  obstacles.set('b', 'full')
  assert.deepEqual(told, ['full'])
})
