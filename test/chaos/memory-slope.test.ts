import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type MemorySample, memorySlope } from './memory-slope.ts'

/** Twelve samples a minute, with what a collector makes of them. */
function samples(minutes: number, mebibytesAt: (minute: number) => number): MemorySample[] {
  return Array.from({ length: minutes * 12 }, (_, index) => ({
    atMs: 5_000 * index,
    mebibytes: mebibytesAt(index / 12) + (index % 12),
  }))
}

test('what stays is flat, whatever is allocated and collected meanwhile', () => {
  assert.equal(memorySlope(samples(30, () => 80)), 0)
})

test('a leak shows as what it is', () => {
  assert.ok(Math.abs(memorySlope(samples(30, (minute) => 80 + minute / 20)) - 3) < 0.01)
})

test('one step, up or down, is no slope', () => {
  assert.equal(memorySlope(samples(30, (minute) => (minute < 4 ? 80 : 90))), 0)
  assert.equal(memorySlope(samples(30, (minute) => (minute < 27 ? 80 : 60))), 0)
})

test('too little says nothing', () => {
  assert.throws(() => memorySlope(samples(9, () => 80)), RangeError)
})
