import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Attempt } from '../oracle/api-history.ts'
import { type PeerMessage, readPeerLog } from './peer-log.ts'

function attempt(name: string, tag: string, beganMs: number): Attempt {
  const generation = beganMs
  return {
    namespace: 'shop',
    name,
    uid: name,
    fromGeneration: generation,
    toGeneration: generation,
    template: tag,
    tag,
    beganMs,
    isFirst: false,
    paused: false,
  }
}

const attempts = [attempt('web', 't1', 1_000), attempt('api', 't2', 1_000), attempt('web', 't3', 9_000)]

function said(at: number, text: string): PeerMessage {
  return { channel: 'C1', versions: [{ at, text }] }
}

/** `web@1000: rolling out, live`: every card with the words that it had. */
function read(...messages: readonly PeerMessage[]): readonly string[] {
  return readPeerLog(messages, attempts).cards.map(
    ({ uid, generation, states }) => `${uid}@${generation}: ${states.map(({ word }) => word).join(', ')}`,
  )
}

test('a message speaks of the rollout whose tag it names, or else of the newest of its Deployment', () => {
  assert.deepEqual(read(said(9_500, 'web: registry.example/web:t1 succeeded.')), ['web@1000: live'])
  assert.deepEqual(read(said(5_000, 'Rollout of *web* succeeded'), said(9_500, 'Rollout of *web* failed')), [
    'web@1000: live',
    'web@9000: failed',
  ])
})

test('messages of one rollout are one card as long as none says the same again', () => {
  const story = [said(1_100, 'Rolling out api'), said(1_200, 'api is healthy')]
  assert.deepEqual(read(...story), ['api@1000: rolling out, live'])
  assert.deepEqual(read(...story, said(1_300, 'api is healthy')), [
    'api@1000: rolling out, live',
    'api@1000: live',
  ])
})

test('an edit is another word of the same card', () => {
  const edited = {
    channel: 'C1',
    versions: [
      { at: 1_100, text: 'Rolling out api' },
      { at: 1_200, text: 'api: rolled out' },
    ],
  }
  assert.deepEqual(read(edited), ['api@1000: rolling out, live'])
})

test('what stands in blocks is read too, and what names no Deployment belongs to none', () => {
  const blocks = [{ type: 'section', text: { type: 'mrkdwn', text: 'Deployment `api` failed' } }]
  assert.deepEqual(read({ channel: 'C1', versions: [{ at: 1_100, blocks }] }), ['api@1000: failed'])
  const { cards, mentions } = readPeerLog([said(1_100, 'apiary is up')], attempts)
  assert.deepEqual([cards.length, mentions.length], [0, 1])
})
