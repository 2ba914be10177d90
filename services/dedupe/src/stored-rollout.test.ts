import assert from 'node:assert/strict'
import { test } from 'node:test'
import { baseline, play, trace } from './rollout/testdata/trace.ts'
import { readStored, type StoredState, writeStored } from './stored-rollout.ts'

const played = play(trace('7 gen2 T=B\n400 gen3 T=C\n900 obs3 R2 U2 av2'), { from: baseline() })

test('what is stored comes back as it was, each transition with the rollout it was said of', () => {
  assert.equal(played.said, 'started superseded started succeeded')
  for (const { tracked, transitions } of played.steps) {
    assert.ok(tracked)
    const written = writeStored({ tracked, outbox: transitions, lastSeen: 'x' })
    const stored: StoredState = JSON.parse(JSON.stringify(written))
    const { outbox, lastSeen } = readStored(stored)
    assert.deepEqual(outbox, JSON.parse(JSON.stringify(transitions)))
    assert.equal(lastSeen, 'x')
  }
})

test('a rollout is not stored twice where its transition is about the stand beside it', () => {
  const { tracked, transitions } = played.steps.at(-1) ?? {}
  assert.ok(tracked && transitions?.[0]?.kind === 'succeeded')
  assert.equal(
    writeStored({ tracked, outbox: transitions, lastSeen: 'x' }).dedupe.outbox[0]?.rollout,
    undefined,
  )
})
