import assert from 'node:assert/strict'
import { test } from 'node:test'
import { entryPoints } from './entry-points.ts'
import { fuzz } from './fuzz.ts'

test('no input from outside throws or takes long, at 20 entry points and more', async () => {
  assert.ok(entryPoints.length >= 20)
  assert.deepEqual(await fuzz({ seed: 1, count: 1_000, patience: 4 }), [])
})

const kept: string[] = []

for (const [harm, take, found] of [
  ['throws', (input: string) => void JSON.parse(input), /SyntaxError/],
  ['takes long', busyFor(60), /^took \d+ ms/],
  [
    'rejects what nobody waits for',
    (input: string) => void Promise.reject(new Error(input)),
    /^unhandled: Error/,
  ],
  [
    'keeps what it is given',
    (input: string) => void kept.push(`${input} `.repeat(3)),
    /KiB of 500 inputs stay in memory/,
  ],
] as const) {
  test(`an entry point that ${harm} is found`, async () => {
    const harms = await fuzz({ seed: 1, count: 500, at: [{ name: 'planted', samples: ['{"a":1}'], take }] })
    assert.equal(harms.length, 1)
    assert.match(harms[0]?.what ?? '', found)
  })
}

function busyFor(ms: number): () => void {
  return () => {
    const before = process.threadCpuUsage()
    while (process.threadCpuUsage(before).user < ms * 1_000);
  }
}
