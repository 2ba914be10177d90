import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Rollout, RolloutTransition, TransitionKind } from '@hermod/contracts'
import { eventually, type SlackCall } from '@hermod/testkit'
import { type NotifierBed, startBed } from '../bench/notifier-bed.ts'
import { cause, happeningNow, transition } from './notification/testdata/rollouts.ts'

const fatal: Partial<Rollout> = {
  phase: 'failed',
  diagnosis: { causes: [cause()], newPods: 1, oldPods: 1, oldPodsFailingAlike: 0 },
}
const quick = { SLACK_TIMEOUT: '500ms' }

function texts(bed: NotifierBed): string[] {
  return bed.slack.messages('deploys').map(({ text }) => text ?? '')
}

/** As dedupe tells it again, of whose state nothing is left either. */
function again(kind: TransitionKind, n: number, facts: Partial<Rollout> = {}): RolloutTransition {
  return { ...happeningNow(kind, n, facts), epoch: 2 }
}

/** Plays one notifier, a message for each of `before`, and after the loss of all cards another. */
async function playAround(
  before: readonly RolloutTransition[],
  after: readonly RolloutTransition[],
  look: (bed: NotifierBed) => void,
): Promise<readonly string[]> {
  await using bed = await startBed()
  {
    await using _first = await bed.start(quick)
    for (const [index, each] of before.entries()) {
      await bed.publish(each)
      await eventually(() => assert.deepEqual([texts(bed).length, editsOf(bed)], [index + 1, index]))
    }
  }
  await bed.connection.manager.streams.purge('KV_cards')
  await using _second = await bed.start(quick)
  for (const each of after) await bed.publish(each)
  await eventually(() => look(bed), { timeoutMs: 30_000 })
  return texts(bed)
}

/** A card is edited after whatever has to be said to it. */
function editsOf({ slack }: NotifierBed): number {
  const [card] = slack.messages('deploys')
  return slack.calls.filter(({ method, args, outcome }) => {
    return method === 'chat.update' && args['ts'] === card?.ts && outcome === 'ok'
  }).length
}

describe('a card that NATS has lost', { concurrency: 3 }, () => {
  it('is found in Slack, and goes on there', async () => {
    const said = await playAround(
      [happeningNow('started', 1)],
      [again('started', 1), again('succeeded', 2, { phase: 'complete' })],
      (bed) => assert.match(texts(bed)[0] ?? '', /is live/),
    )
    assert.equal(said.length, 1)
  })

  it('does not say its bad word again, if it said that itself', async () => {
    const said = await playAround([happeningNow('failed', 1, fatal)], [again('failed', 1, fatal)], (bed) =>
      assert.equal(editsOf(bed), 1),
    )
    assert.equal(said.length, 1, said.join('\n'))
  })

  it('does not say its bad word again, if a reply did', async () => {
    const said = await playAround(
      [happeningNow('started', 1), happeningNow('failed', 2, fatal)],
      [again('failed', 1, fatal)],
      (bed) => assert.equal(editsOf(bed), 2),
    )
    assert.equal(said.length, 2, said.join('\n'))
  })

  it('says its bad word if nobody has', async () => {
    const said = await playAround([happeningNow('started', 1)], [again('failed', 1, fatal)], (bed) =>
      assert.equal(editsOf(bed), 1),
    )
    assert.equal(said.length, 2, said.join('\n'))
    assert.match(said[0] ?? '', /failed/)
  })

  it('says its bad word, which came while the card that was found was being edited', async () => {
    await using bed = await startBed()
    {
      await using _first = await bed.start()
      await bed.publish(happeningNow('started', 1))
      await eventually(() => assert.equal(texts(bed).length, 1))
    }
    await bed.connection.manager.streams.purge('KV_cards')
    const answered = Promise.withResolvers<void>()
    bed.slack.inject({ kind: 'hold', until: answered.promise }, { method: 'chat.update', times: 1 })
    await using second = await bed.start({ SLACK_TIMEOUT: '3s' })
    await bed.publish(again('started', 1))
    await bed.slack.waitForCall(({ method }: SlackCall) => method === 'chat.update')
    await bed.publish(again('failed', 2, fatal))
    await eventually(() => {
      const isTaken = (line: string): boolean =>
        line.includes('transition taken in') && line.includes('"kind":"failed"')
      assert.ok(second.log.some(isTaken))
    })
    answered.resolve()
    await eventually(() => assert.equal(texts(bed).length, 2), { timeoutMs: 20_000 })
  })

  it('is one of a digest where many were never told', async () => {
    const tenMinutesAgo = new Date(Date.now() - 600_000).toISOString()
    const ended = ['a', 'b', 'c', 'd', 'e'].map((name): RolloutTransition => {
      const facts = { name, uid: name, phase: 'complete' } as const
      return { ...transition('succeeded', 1, facts, tenMinutesAgo), epoch: 2 }
    })
    const [digest = '', ...more] = await playAround([], ended, (bed) => assert.ok(texts(bed).length > 0))
    assert.deepEqual(more, [])
    assert.match(digest, /\b5\b/)
  })
})
