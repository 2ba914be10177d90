import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { buckets, type Rollout } from '@hermod/contracts'
import { createPublisher, openBucket } from '@hermod/jetstream'
import type { RunCommand } from '@hermod/runtime'
import { eventually } from '@hermod/testkit'
import { type NotifierBed, startBed } from '../bench/notifier-bed.ts'
import { happeningNow } from './notification/testdata/rollouts.ts'
import { parked } from './parked.ts'
import { replay } from './replay.ts'

interface Said {
  readonly code: number
  readonly out: readonly string[]
  readonly errors: string
}

async function call(
  run: RunCommand,
  env: Readonly<Record<string, string>>,
  args: readonly string[],
  input = '',
): Promise<Said> {
  const out: string[] = []
  const errors: string[] = []
  const { signal } = new AbortController()
  const streams = { print: (line: string) => out.push(line), complain: (line: string) => errors.push(line) }
  const code = await run({ env, args, signal, readInput: async () => input, ...streams })
  return { code, out, errors: errors.join('\n') }
}

function app(name: string, facts: Partial<Rollout> = {}): Partial<Rollout> {
  return { name, uid: `uid-of-${name}`, ...facts }
}

describe('parked', () => {
  test('what is parked is named with its reason, and tried again when somebody asks', async () => {
    await using bed = await startBed()
    await using _notifier = await bed.start()
    const channel = bed.slack.channel('deploys')
    channel.isArchived = true
    await bed.publish(happeningNow('started', 1, app('web')))
    await eventually(
      async () =>
        assert.match((await call(parked, bed.env, ['list'])).out.join(), /^#deploys .* is_archived .*web/),
      { timeoutMs: 30_000 },
    )
    const json = JSON.parse((await call(parked, bed.env, ['list', '--json'])).out[0] ?? '')
    assert.deepEqual([json.channel, json.reason], ['deploys', 'is_archived'])
    const newer = 'card.0.c.n.web.uid.1'
    const keys = openBucket<object>({
      connection: bed.connection,
      bucket: buckets.cards.name,
      parse: (value) => ({ kind: 'ok', value: Object(value) }),
    })
    await keys.save(newer, { version: 99 }, undefined)
    await keys.save(`open.deploys.${newer}`, {}, undefined)
    const partly = await call(parked, bed.env, ['list'])
    assert.deepEqual([partly.code, partly.out.length], [0, 1], 'one of a newer release hides no other')
    assert.match(
      partly.errors,
      /^left out: key card\.0\.c\.n\.web\.uid\.1 .* version 99, .*needs an upgrade$/,
    )
    for (const key of [newer, `open.deploys.${newer}`]) await keys.remove(key)
    channel.isArchived = false
    const asked = await call(parked, bed.env, ['retry', '#deploys'])
    // On a machine that is busy enough it is heard after nobody waits for it any more.
    assert.match([...asked.out, asked.errors].join(), /^#deploys: (tried again|no notifier heard it)/)
    await eventually(() => assert.equal(bed.slack.messages('deploys').length, 1), { timeoutMs: 30_000 })
    const { out, errors } = await call(parked, bed.env, ['list'])
    assert.deepEqual([out, errors], [[], 'nothing is parked: every channel takes its cards'])
  })

  test('bad words, channels that have nothing, and a request that nobody hears are said as such', async () => {
    await using bed = await startBed()
    for (const args of [[], ['burn'], ['retry'], ['list', '--colour']]) {
      const { code, errors } = await call(parked, bed.env, args)
      assert.equal(code, 2, args.join(' '))
      assert.match(errors, /usage: parked list/)
    }
    const nothing = await call(parked, bed.env, ['retry', 'deploys'])
    assert.equal(nothing.code, 2)
    assert.match(nothing.errors, /nothing is parked in #deploys: `parked list`/)
    const unheard = await call(parked, bed.env, ['retry', '--all'])
    assert.deepEqual([unheard.code, unheard.out], [1, []])
    assert.match(unheard.errors, /no notifier heard it/)
  })
})

describe('replay', () => {
  let bed: NotifierBed
  before(async () => {
    bed = await startBed()
    const failed: Partial<Rollout> = { phase: 'failed', reason: 'ProgressDeadlineExceeded' }
    await bed.publish(happeningNow('started', 1, app('web')))
    await bed.publish(happeningNow('succeeded', 2, app('web', { phase: 'complete' })))
    await bed.publish(happeningNow('started', 1, app('api')))
    await bed.publish(happeningNow('failed', 2, app('api', failed)))
  })
  after(async () => await bed[Symbol.asyncDispose]())

  test('by itself it shows how each rollout ended, with the settings of today, and sends nothing', async () => {
    const { SLACK_TOKEN: _, ...env } = bed.env
    const { code, out, errors } = await call(replay, { ...env, SLACK_CHANNEL: 'elsewhere' }, [
      '--to',
      '#shadow',
    ])
    assert.equal(code, 0)
    const text = out.join('\n')
    assert.match(text, /web\* .*is live/)
    assert.match(text, /api\* .*failed/)
    assert.equal(out.filter((line) => line.includes('→ #')).length, 2)
    assert.match(errors, /2 rollouts; nothing was sent/)
    assert.equal(bed.slack.calls.length, 0)
    const plain = await call(replay, { ...env, MESSAGE_STYLE: 'plain' }, [])
    assert.match(plain.out.join('\n'), /web deployed to shop/)
  })

  test('with --send the cards stand in the one channel, and nobody is mentioned', async () => {
    bed.slack.addChannel('shadow')
    const env = { ...bed.env, TEAM_MENTIONS: 'payments=S0123ABCD' }
    const { code, errors } = await call(replay, env, ['--to', '#shadow', '--send'])
    assert.equal(code, 0, errors)
    const texts = bed.slack.messages('shadow').map(({ text = '' }) => text)
    assert.equal(texts.length, 2)
    assert.ok(!texts.some((text) => text.includes('<!subteam') || text.includes('<@')))
    assert.equal(bed.slack.messages('deploys').length, 0)
  })

  test('what lies before the time that was asked for is left out', async () => {
    const { code, out, errors } = await call(replay, bed.env, ['--since', '0s'])
    assert.deepEqual([code, out], [0, []])
    assert.match(errors, /^0 rollouts/)
  })

  test('transitions of a newer release are counted, not guessed at', async () => {
    const publisher = createPublisher({ connection: bed.connection, log: quiet })
    const at = new Date().toISOString()
    const event = {
      specversion: '1.0',
      id: 'new',
      source: '/x',
      type: 'hermod.transition',
      subject: 'x',
      time: at,
    }
    const body = JSON.stringify({ ...event, data: { version: 99 } })
    await publisher.publish({ subject: 'hermod.rollout.0.c.n.web.started', id: 'new', body })
    const { code, errors } = await call(replay, bed.env, [])
    assert.equal(code, 0)
    assert.match(errors, /of a newer release: 1 of the transitions/)
  })

  test('what cannot be done is said with what to do, before anything is sent', async () => {
    const cases: readonly (readonly [string[], Record<string, string>, RegExp])[] = [
      [['--since', 'yesterday'], {}, /no time like 24h/],
      [['--to', 'two words'], {}, /no name or id of a channel/],
      [['--send'], {}, /--send wants --to/],
      [['--to', 'shadow', '--send'], { SLACK_TOKEN: '' }, /SLACK_TOKEN is not set/],
      [['--to', 'nowhere', '--send'], {}, /does not take it in #nowhere \(channel_not_found\)/],
      [['now'], {}, /unknown word now/],
      [[], { NATS_URL: 'nats://127.0.0.1:9' }, /check NATS_URL/],
      [[], { CARD_RETENTION: 'soon' }, /CARD_RETENTION/],
    ]
    for (const [args, env, expected] of cases) {
      const { code, errors } = await call(replay, { ...bed.env, ...env }, args)
      assert.equal(code, 2, errors)
      assert.match(errors, expected)
    }
  })

  test('the operator’s password may come by standard input, and nothing is waited for without it', async () => {
    const refused = await call(replay, bed.env, ['--password-stdin'])
    assert.equal(refused.code, 2)
    assert.match(refused.errors, /nothing came by standard input/)
    const { code } = await call(
      replay,
      { ...bed.env, NATS_USER: 'x', NATS_PASSWORD: 'y' },
      ['--password-stdin'],
      'p\n',
    )
    assert.equal(code, 0, 'this NATS lets everybody in')
  })
})

const quiet = { debug: ignore, info: ignore, warn: ignore, error: ignore }

function ignore(): void {}
