import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EventLog } from './event-log.ts'

function logOf(limit: number, ...events: readonly string[]): EventLog<string> {
  const log = new EventLog<string>(limit)
  for (const event of events) log.append(event)
  return log
}

test('who was away gets what came after the last event that he saw', () => {
  const log = logOf(3, 'a', 'b', 'c')
  assert.deepEqual(log.after(1), [
    { id: 2, event: 'b' },
    { id: 3, event: 'c' },
  ])
  assert.deepEqual(log.after(3), [])
})

test('who was away for too long is told so instead of getting a gap', () => {
  const log = logOf(2, 'a', 'b', 'c')
  assert.deepEqual(
    log.after(1)?.map(({ event }) => event),
    ['b', 'c'],
  )
  assert.equal(log.after(0), undefined)
})

test('an id of an earlier server is none of ours', () => {
  assert.equal(logOf(2, 'a').after(7), undefined)
  assert.deepEqual(logOf(2).after(0), [])
})
