import assert from 'node:assert/strict'
import { test } from 'node:test'
import { partitionOf } from './partition.ts'

test('partitions are FNV-1a 32 of cluster/namespace/name, as any language computes it', () => {
  // Both hashes come from Go's hash/fnv.
  const whole = 2 ** 32
  assert.equal(partitionOf({ cluster: 'default', namespace: 'shop', name: 'checkout' }, whole), 280_844_732)
  assert.equal(partitionOf({ cluster: 'prod.eu', namespace: 'ä', name: '🚀' }, whole), 12_543_896)
})

test('a thousand Deployments spread over all partitions', () => {
  const counts = new Array<number>(16).fill(0)
  for (let i = 0; i < 1_000; i++) {
    const partition = partitionOf({ cluster: 'c', namespace: `ns-${i % 50}`, name: `app-${i}` }, 16)
    counts[partition] = (counts[partition] ?? 0) + 1
  }
  assert.ok(Math.min(...counts) > 30 && Math.max(...counts) < 95, counts.join(' '))
})
