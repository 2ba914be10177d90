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
}

const isIntent = (sight: Sight): boolean => sight.startsWith('kv card.') && sight.includes('"intent"')
const isSent = (sight: Sight): boolean => sight.startsWith('kv card.') && sight.includes('"card":{"channel"')

const crashPoints: readonly CrashPoint[] = [
  { name: 'the card is being stored', at: (sight) => sight.startsWith('kv card.') },
  { name: 'the open mark is being stored', at: (sight) => sight.startsWith('kv open.') },
  { name: 'the transition is being acknowledged', at: (sight) => sight.startsWith('ack') },
  { name: 'the intent is being stored', at: isIntent },
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
  { name: 'the open mark is being removed', at: (sight) => sight === 'kv open removed' },
  {
    name: 'Slack has edited and not answered',
    at: (sight) => sight === 'slack chat.update pending',
    fault: { kind: 'hang', effect: true },
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
  for (const { name, at, fault } of crashPoints) {
    it(`while ${name}`, async () => {
      await using bed = await startBed()
      await using first = await startChild(bed)
      if (fault)
        bed.slack.inject(fault, {
          times: 1,
          when: ({ method }) => method.startsWith('chat.') && at(`slack ${method} pending`),
        })
      let isKilled = false
      watch(bed, (sight) => {
        if (isKilled || !at(sight)) return
        isKilled = true
        first.signal('SIGKILL')
      })
      await bed.publish(happeningNow('started', 1))
      // Both at once would be told in one post.
      if (name.includes('edited'))
        await bed.slack.waitForCall(
          ({ outcome, method }) => method === 'chat.postMessage' && outcome === 'ok',
        )
      await bed.publish(happeningNow('succeeded', 2, { phase: 'complete' }))
      await eventually(() => assert.ok(!first.running, first.output), { timeoutMs: 20_000 })
      await using second = await startChild(bed)
      const cards = () => bed.slack.messages('deploys')
      await eventually(() => assert.match(cards()[0]?.text ?? '', /is live/, second.output), {
        timeoutMs: 40_000,
      })
      assert.equal(cards().length, 1)
    })
  }
})
