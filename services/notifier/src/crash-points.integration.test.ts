import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { HttpFault } from '@hermod/testkit'
import { eventually, type RunningProcess, startProcess } from '@hermod/testkit'
import { type NotifierBed, startBed } from '../bench/notifier-bed.ts'
import { happeningNow } from './notification/testdata/rollouts.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))

/** What the outside sees of a notifier's work, as one line. */
type Sight = string

interface CrashPoint {
  readonly name: string
  readonly at: (sight: Sight) => boolean
  readonly fault?: HttpFault
  /** What follows the start, once that is posted; without it a success follows at once. */
  readonly next?: 'succeeded' | 'failed'
}

const isReplyIntent = (sight: Sight): boolean =>
  sight.startsWith('kv card.') && sight.includes('"effect":"reply"')
const isSent = (sight: Sight): boolean => sight.startsWith('kv card.') && sight.includes('"card":{"channel"')

const crashPoints: readonly CrashPoint[] = [
  { name: 'the card is being stored with its intent', at: (sight) => sight.startsWith('kv card.') },
  { name: 'the open mark is being stored', at: (sight) => sight.startsWith('kv open.') },
  { name: 'the transition is being acknowledged', at: (sight) => sight.startsWith('ack') },
  {
    name: 'Slack has the request and does nothing',
    at: (sight) => sight === 'slack chat.postMessage pending',
    fault: { kind: 'hang' },
  },
  {
    name: 'Slack has posted and not answered',
    at: (sight) => sight === 'slack chat.postMessage pending',
    fault: { kind: 'hang', effect: true },
  },
  { name: 'Slack has answered', at: (sight) => sight === 'slack chat.postMessage ok' },
  { name: 'the result is being stored', at: isSent },
  {
    name: 'the newer state is being stored and edited',
    at: (sight) => sight.startsWith('kv card.') && sight.includes('"succeeded"'),
    next: 'succeeded',
  },
  { name: 'a bad word is being stored with its intent', at: isReplyIntent, next: 'failed' },
  {
    name: 'Slack has said the bad word and not answered',
    at: (sight) => sight === 'slack chat.postMessage pending',
    fault: { kind: 'hang', effect: true },
    next: 'failed',
  },
  { name: 'the open mark is being removed', at: (sight) => sight === 'kv open removed' },
  {
    name: 'Slack has edited and not answered',
    at: (sight) => sight === 'slack chat.update pending',
    fault: { kind: 'hang', effect: true },
    next: 'succeeded',
  },
]

async function startChild(bed: NotifierBed): Promise<RunningProcess> {
  return await startProcess(process.execPath, [main], { env: { ...bed.env, SLACK_TIMEOUT: '1s' } })
}

/** Calls `see` for everything that leaves the notifier. */
function watch({ connection, slack }: NotifierBed, see: (sight: Sight) => void): void {
  connection.nats.subscribe('$KV.cards.>', {
    callback: (_, { subject, data, headers }) => {
      const isRemoval = headers?.get('KV-Operation') === 'DEL'
      const key = subject.slice('$KV.cards.'.length)
      see(isRemoval ? `kv ${key.split('.')[0]} removed` : `kv ${key} ${Buffer.from(data).toString()}`)
    },
  })
  connection.nats.subscribe('$JS.ACK.ROLLOUTS.>', { callback: () => see('ack') })
  slack.onCall(({ method, outcome }) => see(`slack ${method} ${outcome}`))
}

describe('a notifier that is killed -9 loses and doubles nothing', { concurrency: 4 }, () => {
  for (const { name, at, fault, next } of crashPoints) {
    it(`while ${name}`, async () => {
      await using bed = await startBed()
      await using first = await startChild(bed)
      let isArmed = false
      let isKilled = false
      const arm = (): void => {
        isArmed = true
        if (fault)
          bed.slack.inject(fault, {
            times: 1,
            when: ({ method }) => method.startsWith('chat.') && at(`slack ${method} pending`),
          })
      }
      watch(bed, (sight) => {
        if (isKilled || !isArmed || !at(sight)) return
        isKilled = true
        first.signal('SIGKILL')
      })
      if (next === undefined) arm()
      await bed.publish(happeningNow('started', 1))
      if (next !== undefined) {
        // Both at once would be told in one post.
        await bed.slack.waitForCall(
          ({ outcome, method }) => method === 'chat.postMessage' && outcome === 'ok',
        )
        arm()
      }
      const kind = next ?? 'succeeded'
      await bed.publish(happeningNow(kind, 2, { phase: kind === 'failed' ? 'failed' : 'complete' }))
      await eventually(() => assert.ok(!first.running, first.output), { timeoutMs: 20_000 })
      await using second = await startChild(bed)
      const told = () => bed.slack.messages('deploys').map(({ text }) => text ?? '')
      const expected = kind === 'failed' ? ['failed', 'failed'] : ['is live']
      await eventually(
        () =>
          assert.deepEqual(
            told().map((text) => /is live|failed/.exec(text)?.[0]),
            expected,
            second.output,
          ),
        { timeoutMs: 60_000 },
      )
    })
  }
})
