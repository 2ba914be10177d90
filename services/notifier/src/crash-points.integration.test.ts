import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { HttpFault } from '@hermod/testkit'
import { eventually, type RunningProcess, startProcess } from '@hermod/testkit'
import { startNatsGate } from '../bench/nats-gate.ts'
import { type NotifierBed, startBed } from '../bench/notifier-bed.ts'
import { happeningNow } from './notification/testdata/rollouts.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))

/** What the outside sees of a notifier's work, as one line. */
type Sight = string

interface Story {
  readonly name: string
  /** What follows the start, once that is posted; without it a success follows at once. */
  readonly next?: 'succeeded' | 'failed'
}

interface CrashPoint extends Story {
  readonly at: (sight: Sight) => boolean
  readonly fault?: HttpFault
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

/** Killed when NATS would have come to know of it. */
const crashesBefore: readonly (Story & { readonly write: RegExp })[] = [
  { name: 'the card is stored with its intent', write: /\$KV\.cards\.card\.[^]*"intent"/ },
  { name: 'the open mark is stored', write: /\$KV\.cards\.open\./ },
  { name: 'the transition is acknowledged', write: /\$JS\.ACK\.ROLLOUTS\.[^\n]*\n\+(ACK|NXT)/ },
  { name: 'the result is stored', write: /\$KV\.cards\.card\.[^]*"card":\{"channel"/ },
  { name: 'the open mark is removed', write: /\$KV\.cards\.open\.[^]*KV-Operation/ },
  { name: 'the newer state is stored', write: /\$KV\.cards\.card\.[^]*"succeeded"/, next: 'succeeded' },
  {
    name: 'a bad word is stored with its intent',
    write: /\$KV\.cards\.card\.[^]*"effect":"reply"/,
    next: 'failed',
  },
  { name: 'a receipt is stored', write: /hermod\.delivery\./ },
]

async function startChild(
  bed: NotifierBed,
  env: Readonly<Record<string, string>> = {},
): Promise<RunningProcess> {
  return await startProcess(process.execPath, [main], { env: { ...bed.env, SLACK_TIMEOUT: '1s', ...env } })
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

/** Tells a rollout to a notifier that dies once it is armed, and to the next one. */
async function tellThrough(
  bed: NotifierBed,
  first: RunningProcess,
  next: Story['next'],
  arm: () => void,
): Promise<void> {
  if (next === undefined) arm()
  await bed.publish(happeningNow('started', 1))
  if (next !== undefined) {
    // Both at once would be told in one post.
    await bed.slack.waitForCall(({ outcome, method }) => method === 'chat.postMessage' && outcome === 'ok')
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
}

describe('a notifier that is killed -9 loses and doubles nothing', { concurrency: 5 }, () => {
  for (const { name, at, fault, next } of crashPoints) {
    it(`while ${name}`, async () => {
      await using bed = await startBed()
      await using first = await startChild(bed)
      let isArmed = false
      let isKilled = false
      watch(bed, (sight) => {
        if (isKilled || !isArmed || !at(sight)) return
        isKilled = true
        first.signal('SIGKILL')
      })
      await tellThrough(bed, first, next, () => {
        isArmed = true
        if (fault)
          bed.slack.inject(fault, {
            times: 1,
            when: ({ method }) => method.startsWith('chat.') && at(`slack ${method} pending`),
          })
      })
    })
  }

  for (const { name, write, next } of crashesBefore) {
    it(`before ${name}`, async () => {
      await using bed = await startBed()
      await using gate = await startNatsGate(bed.nats.url)
      await using first = await startChild(bed, { NATS_URL: gate.url })
      await tellThrough(bed, first, next, () => gate.stopAt(write, () => first.signal('SIGKILL')))
    })
  }
})
