import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parseReceipt, type Rollout, streams } from '@hermod/contracts'
import { eventually, startProcess } from '@hermod/testkit'
import { type NotifierBed, startBed } from '../bench/notifier-bed.ts'
import { cause, happeningNow, transition } from './notification/testdata/rollouts.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))

function texts(bed: NotifierBed, channel = 'deploys'): string[] {
  return bed.slack.messages(channel).map(({ text }) => text ?? '')
}

async function posted(bed: NotifierBed, count: number, channel = 'deploys'): Promise<void> {
  await eventually(() => assert.equal(texts(bed, channel).length, count), { timeoutMs: 30_000 })
}

function app(name: string, facts: Partial<Rollout> = {}): Partial<Rollout> {
  return { name, uid: `uid-of-${name}`, ...facts }
}

describe('a card', { concurrency: 4 }, () => {
  it('that was overtaken closes with a link to the next', async () => {
    await using bed = await startBed()
    await using _notifier = await bed.start()
    await bed.publish(happeningNow('started', 1))
    await posted(bed, 1)
    const supersededBy = { attempt: 43, images: [] }
    await bed.publish(happeningNow('superseded', 2, { phase: 'superseded', supersededBy }))
    await bed.publish(happeningNow('started', 1, { attempt: 43 }))
    await posted(bed, 2)
    const next = bed.slack.messages('deploys')[1]?.ts.replace('.', '') ?? ''
    await eventually(() =>
      assert.match(texts(bed)[0] ?? '', new RegExp(`overtaken by <https://.*/p${next}\\|`)),
    )
  })

  it('that nobody closed is closed by the start of the next attempt', async () => {
    await using bed = await startBed()
    await using _notifier = await bed.start()
    await bed.publish(happeningNow('started', 1))
    await posted(bed, 1)
    await bed.publish(happeningNow('started', 1, { attempt: 43 }))
    await eventually(() => assert.match(texts(bed)[0] ?? '', /overtaken/))
  })

  it('of a rollout that was deleted is closed, without a message of its own', async () => {
    await using bed = await startBed()
    await using _notifier = await bed.start()
    await bed.publish(happeningNow('started', 1))
    await posted(bed, 1)
    await bed.publish(happeningNow('deleted', 2, { phase: 'deleted', namespaceListed: true }))
    await eventually(() => assert.match(texts(bed)[0] ?? '', /was deleted/))
    assert.equal(texts(bed).length, 1)
  })

  it('under alert: failure is posted when something goes wrong, with its mention', async () => {
    await using bed = await startBed()
    await using _notifier = await bed.start()
    const namespaceAnnotations = {
      'hermod.uswitch.com/slack': 'deploys',
      'hermod.uswitch.com/alert': 'failure',
      'hermod.uswitch.com/mention': 'U0ONCALL',
    }
    const quiet = app('quiet', { namespaceAnnotations, phase: 'complete' })
    await bed.publish(happeningNow('succeeded', 2, quiet))
    const diagnosis = { causes: [cause()], newPods: 1, oldPods: 1, oldPodsFailingAlike: 0 }
    await bed.publish(happeningNow('started', 1, { namespaceAnnotations }))
    await bed.publish(happeningNow('failed', 2, { namespaceAnnotations, phase: 'failed', diagnosis }))
    await eventually(() => assert.match(texts(bed)[0] ?? '', /^<@U0ONCALL> .*failed/))
    assert.equal(texts(bed).length, 1)
  })

  it('is told in each of its channels', async () => {
    await using bed = await startBed()
    await using _notifier = await bed.start()
    const namespaceAnnotations = { 'hermod.uswitch.com/slack': 'deploys,#ops' }
    await bed.publish(happeningNow('started', 1, { namespaceAnnotations }))
    await posted(bed, 1, 'deploys')
    await posted(bed, 1, 'ops')
    await bed.publish(happeningNow('succeeded', 2, { namespaceAnnotations, phase: 'complete' }))
    await eventually(() => assert.match(texts(bed, 'ops')[0] ?? '', /is live/))
    await eventually(() => assert.match(texts(bed, 'deploys')[0] ?? '', /is live/))
  })

  it('leaves a receipt for each thing that Slack accepted', async () => {
    await using bed = await startBed()
    await using _notifier = await bed.start()
    const actions: string[] = []
    bed.connection.nats.subscribe('hermod.delivery.>', {
      callback: (_, message) => {
        const receipt = parseReceipt(message.json<{ data: unknown }>().data)
        if (receipt.kind === 'ok') actions.push(`${receipt.value.action} ${receipt.value.kind}`)
      },
    })
    await bed.publish(happeningNow('started', 1))
    await posted(bed, 1)
    await bed.publish(happeningNow('succeeded', 2, { phase: 'complete' }))
    await eventually(() => assert.deepEqual(actions, ['posted started', 'edited succeeded']))
    const { state } = await bed.connection.manager.streams.info(streams.deliveries.name)
    assert.equal(state.messages, 2)
  })
})

describe('what happened while nobody could tell it', { concurrency: 4 }, () => {
  const tenMinutesAgo = (): string => new Date(Date.now() - 10 * 60_000).toISOString()

  it('is one digest when it is much', async () => {
    await using bed = await startBed()
    for (const name of ['cart', 'search', 'web', 'jobs'])
      await bed.publish(transition('succeeded', 2, app(name, { phase: 'complete' }), tenMinutesAgo()))
    await using _notifier = await bed.start()
    await posted(bed, 1)
    assert.match(texts(bed)[0] ?? '', /While Hermod was away .*4 rolled out/)
    await bed.publish(happeningNow('recovered', 3, app('web', { phase: 'complete' })))
    await posted(bed, 2)
    assert.match(texts(bed)[1] ?? '', /\*web\* .*live/)
  })

  it('is a card each when it is little', async () => {
    await using bed = await startBed()
    for (const name of ['cart', 'search'])
      await bed.publish(transition('succeeded', 2, app(name, { phase: 'complete' }), tenMinutesAgo()))
    await using _notifier = await bed.start()
    await posted(bed, 2)
    assert.match(JSON.stringify(bed.slack.messages('deploys')), /told late/)
  })

  it('is not told when it is older than a day', async () => {
    await using bed = await startBed()
    const yesterday = new Date(Date.now() - 25 * 3_600_000).toISOString()
    await bed.publish(transition('succeeded', 2, app('old', { phase: 'complete' }), yesterday))
    await bed.publish(happeningNow('started', 1, app('new')))
    await using _notifier = await bed.start()
    await posted(bed, 1)
    assert.match(texts(bed)[0] ?? '', /\*new\*/)
  })

  it('is one message when many Deployments of NAMESPACES were deleted', async () => {
    await using bed = await startBed()
    await using _notifier = await bed.start()
    for (const name of ['cart', 'search', 'web', 'jobs'])
      await bed.publish(happeningNow('deleted', 3, app(name, { phase: 'deleted', namespaceListed: true })))
    await posted(bed, 1)
    assert.match(texts(bed)[0] ?? '', /4 Deployments were deleted/)
  })
})

describe('two notifiers', { concurrency: 3 }, () => {
  it('tell each rollout once, and the second goes on when the first is killed', async () => {
    await using bed = await startBed()
    await using first = await startProcess(process.execPath, [main], { env: bed.env })
    await eventually(() => assert.match(first.output, /lease taken/), { timeoutMs: 30_000 })
    await using second = await startProcess(process.execPath, [main], { env: bed.env })
    await bed.publish(happeningNow('started', 1, app('a')))
    await posted(bed, 1)
    await first.kill()
    await bed.publish(happeningNow('started', 1, app('b')))
    await posted(bed, 2)
    assert.match(second.output, /lease taken/)
  })

  it('hand over at once when the first is asked to end', async () => {
    await using bed = await startBed()
    await using first = await startProcess(process.execPath, [main], { env: bed.env })
    await eventually(() => assert.match(first.output, /lease taken/), { timeoutMs: 30_000 })
    await using second = await startProcess(process.execPath, [main], { env: bed.env })
    await eventually(() => assert.match(second.output, /"started"/), { timeoutMs: 30_000 })
    for (let n = 0; n < 5; n++) await bed.publish(happeningNow('started', 1, app(`a${n}`)))
    first.signal('SIGTERM')
    await eventually(() => assert.ok(!first.running))
    assert.match(first.output, /"stopped"/)
    const gone = performance.now()
    await eventually(() => assert.match(second.output, /lease taken/))
    // Less than a lease: it was given back.
    assert.ok(performance.now() - gone < 5_000)
    await posted(bed, 5)
  })

  it('tell each rollout once when the holder was frozen past its lease and wakes up', async () => {
    await using bed = await startBed()
    await using first = await startProcess(process.execPath, [main], { env: bed.env })
    await eventually(() => assert.match(first.output, /lease taken/), { timeoutMs: 30_000 })
    await bed.publish(happeningNow('started', 1, app('a')))
    await posted(bed, 1)
    first.signal('SIGSTOP')
    await using second = await startProcess(process.execPath, [main], { env: bed.env })
    await bed.publish(happeningNow('succeeded', 2, app('a', { phase: 'complete' })))
    await bed.publish(happeningNow('started', 1, app('b')))
    await posted(bed, 2)
    first.signal('SIGCONT')
    await bed.publish(happeningNow('succeeded', 2, app('b', { phase: 'complete' })))
    await eventually(() => assert.match(texts(bed)[1] ?? '', /is live/, second.output), { timeoutMs: 20_000 })
    assert.equal(texts(bed).length, 2)
  })
})
