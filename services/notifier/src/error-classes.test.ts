import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TransitionKind } from '@hermod/contracts'
import { startVirtualBed, type VirtualBed, type VirtualCall } from '../bench/virtual-bed.ts'
import { judge } from './notification/slack-verdict.ts'
import { transition } from './notification/testdata/rollouts.ts'
import { slackCodes } from './notification/testdata/slack-codes.ts'
import type { Failure } from './slack-client.ts'

const minute = 60_000
const [troubled, other] = ['C000000001', 'C000000002']

function failure(code: string): Failure {
  const verdict = judge({ kind: 'reply', ok: false, error: code })
  assert.ok(verdict.kind !== 'delivered')
  return verdict
}

async function tell(bed: VirtualBed, kind: TransitionKind, channel: string): Promise<void> {
  const facts = { uid: channel, namespaceAnnotations: { 'hermod.uswitch.com/slack': channel } }
  const phase = kind === 'succeeded' ? 'complete' : 'progressing'
  const n = kind === 'succeeded' ? 2 : 1
  await bed.take(transition(kind, n, { ...facts, phase }, bed.time.date().toISOString()))
}

/** Answers the first calls of this method in one channel with a code. */
function startWith(
  code: string,
  {
    method = 'post',
    times = 1,
    stored,
  }: { method?: VirtualCall['method']; times?: number; stored?: true } = {},
): VirtualBed {
  let left = times
  return startVirtualBed((call) =>
    call.channel === troubled && call.method === method && left-- > 0
      ? { answer: failure(code), ...(stored && { stored }) }
      : undefined,
  )
}

function callsTo(bed: VirtualBed, channel: string): string[] {
  return bed.calls.filter((call) => call.channel === channel).map(({ method }) => method)
}

describe('what Slack refuses', { concurrency: 8 }, () => {
  for (const code of slackCodes.token)
    it(`${code}: nothing is sent anywhere until the token is mended`, async () => {
      await using bed = startWith(code)
      await tell(bed, 'started', troubled)
      await bed.time.pass(0)
      await tell(bed, 'started', other)
      await bed.time.pass(30 * minute)
      assert.deepEqual([callsTo(bed, troubled), callsTo(bed, other)], [['post'], []])
    })

  for (const code of slackCodes.channel)
    it(`${code}: that channel rests ten minutes, the others go on, nothing is lost`, async () => {
      await using bed = startWith(code)
      await tell(bed, 'started', troubled)
      await bed.time.pass(0)
      await tell(bed, 'started', other)
      await bed.time.pass(9 * minute)
      assert.deepEqual([bed.texts(troubled).length, bed.texts(other).length], [0, 1])
      assert.deepEqual(callsTo(bed, troubled), ['post'])
      await bed.time.pass(2 * minute)
      assert.equal(bed.texts(troubled).length, 1)
    })

  for (const code of slackCodes.payload)
    it(`${code}: two smaller forms are tried at once`, async () => {
      await using bed = startWith(code, { times: 2 })
      await tell(bed, 'started', troubled)
      await bed.time.pass(5_000)
      assert.deepEqual(callsTo(bed, troubled), ['post', 'post', 'post'])
      assert.equal(bed.texts(troubled).length, 1)
    })

  for (const code of slackCodes['update-gone'])
    it(`${code}: what cannot be edited is posted anew`, async () => {
      await using bed = startWith(code, { method: 'edit' })
      await tell(bed, 'started', troubled)
      await bed.time.pass(minute)
      await tell(bed, 'succeeded', troubled)
      await bed.time.pass(minute)
      assert.deepEqual(callsTo(bed, troubled), ['post', 'edit', 'post'])
      assert.match(bed.texts(troubled)[1] ?? '', /is live/)
    })

  for (const code of slackCodes.retry)
    it(`${code}: it is tried again after a while, unlooked for`, async () => {
      await using bed = startWith(code, { times: 3 })
      await tell(bed, 'started', troubled)
      await bed.time.pass(2 * minute)
      assert.deepEqual(callsTo(bed, troubled), ['post', 'post', 'post', 'post'])
      assert.equal(bed.texts(troubled).length, 1)
    })

  for (const code of slackCodes['rate-limited'])
    it(`${code}: it is sent when the limit is over`, async () => {
      await using bed = startWith(code)
      await tell(bed, 'started', troubled)
      await bed.time.pass(29_000)
      assert.deepEqual(callsTo(bed, troubled), ['post'])
      await bed.time.pass(2_000)
      assert.equal(bed.texts(troubled).length, 1)
    })

  for (const code of slackCodes.unknown)
    for (const stored of [undefined, true] as const)
      it(`${code || 'nothing'}${stored ? ', though it was posted' : ''}: it is looked for before it is sent again`, async () => {
        await using bed = startWith(code, { ...(stored && { stored }) })
        await tell(bed, 'started', troubled)
        await bed.time.pass(minute)
        assert.deepEqual(callsTo(bed, troubled), ['post', 'find', ...(stored ? [] : ['post'])])
        assert.equal(bed.texts(troubled).length, 1)
      })
})
