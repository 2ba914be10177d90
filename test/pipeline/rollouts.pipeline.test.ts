import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { decodeEvent, observationSubject, parseDeadLetter, streams, traceIdOf } from '@hermod/contracts'
import { eventually } from '@hermod/testkit'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { declaredMetrics } from '../documents/metric-table.ts'
import { type Cluster, type Pipeline, startCluster, startPipeline } from './pipeline.ts'
import { imageOf } from './played-deployments.ts'
import type { ServiceName } from './service-process.ts'
import type { ShownCard } from './shown-cards.ts'

// Each test has a namespace, a channel and a Deployment `web` of its own, rolled out before Hermod first looks.
const namespaces = ['update', 'bad-image', 'crash', 'quiet', 'dead-letter', 'trace']

const stack = new AsyncDisposableStack()
let cluster: Cluster
let pipeline: Pipeline

before(async () => {
  cluster = stack.use(await startCluster())
  const { operator } = cluster
  for (const namespace of namespaces) {
    await operator.createNamespace(namespace, namespace)
    await operator.create({ namespace, name: 'web', progressDeadlineSeconds: 3 })
  }
  await Promise.all(namespaces.map((each) => eventually(() => operator.checkComplete(each, 'web'))))
  pipeline = stack.use(await startPipeline({ cluster, slack: { channels: namespaces } }))
})

after(() => stack.disposeAsync())

/** The only card of a channel, once its first line matches. */
async function onlyCard(channel: string, headline: RegExp): Promise<ShownCard> {
  return await eventually(
    () => {
      const cards = pipeline.cards(channel)
      const card = cards.find((each) => headline.test(each.headline))
      assert.ok(card, `no card says ${headline}: ${JSON.stringify(cards.map((each) => each.headlines))}`)
      assert.equal(cards.length, 1, JSON.stringify(cards.map((each) => each.headlines)))
      return card
    },
    { timeoutMs: 60_000 },
  )
}

test('an image update is one card: rolling out, then live', async () => {
  await cluster.operator.setTag('update', 'web', 'slow-2')
  const { headlines, text, replies } = await onlyCard('update', /is live/)
  assert.match(headlines[0] ?? '', /web .*slow-2.* is rolling out/)
  assert.equal(headlines.length, 2)
  assert.match(text, /update/)
  assert.deepEqual(replies, [])
})

test('an image that is not in the registry is one card that ends as failed and says container, reason and image', async () => {
  await cluster.operator.setTag('bad-image', 'web', 'badimage')
  const { text, replies } = await onlyCard('bad-image', /web .*failed/)
  assert.match(text, /ImagePull/)
  assert.match(text, /\bapp\b/)
  assert.ok(text.includes(imageOf('web', 'badimage')), text)
  assert.equal(replies.length, 1, 'the first bad word is one reply, since an edit alerts nobody')
})

test('a failure stays on its card when the next image is rolled out and works', async () => {
  // From here on it may take as long as the machine likes.
  await cluster.operator.patch('bad-image', 'web', { spec: { progressDeadlineSeconds: 600 } })
  await cluster.operator.setTag('bad-image', 'web', 'slow-2')
  await eventually(() => assert.match(pipeline.cards('bad-image').at(-1)?.headline ?? '', /slow-2 is live/))
  const [failed, live, ...others] = pipeline.cards('bad-image')
  assert.match(failed?.headline ?? '', /badimage failed/)
  assert.equal(failed?.replies.length, 1)
  assert.deepEqual([live?.replies, others], [[], []])
})

test('a container that ends at its start is one card that ends as failed and says how it ended', async () => {
  await cluster.operator.setTag('crash', 'web', 'crash')
  const { text } = await onlyCard('crash', /web .*failed/)
  // Between two of its starts it is not in CrashLoopBackOff, and how it ended is all that is known.
  assert.match(text, /1 of 1 new pod crashes\*? \((`CrashLoopBackOff`, )?`exit code 1`/)
})

test('scaling, an annotation and the loss of a pod are nobody’s news', async () => {
  const { operator, controlPlane } = cluster
  await operator.patch('quiet', 'web', { spec: { replicas: 3 } })
  await eventually(() => operator.checkComplete('quiet', 'web'))
  await operator.patch('quiet', 'web', { metadata: { annotations: { note: 'hello' } } })
  const pods = await controlPlane.api.list('/api/v1/namespaces/quiet/pods')
  await controlPlane.api.delete(`/api/v1/namespaces/quiet/pods/${pods.items[0]?.metadata.name}`)
  await operator.patch('quiet', 'web', { spec: { replicas: 1 } })
  await eventually(() => operator.checkComplete('quiet', 'web'))
  // What happens to one Deployment is told in order: whatever was to be said of the above stands before this.
  await operator.setTag('quiet', 'web', 'slow-2')
  const { headlines } = await onlyCard('quiet', /is live/)
  assert.equal(headlines.length, 2)
})

test('a message that does not parse is kept as a dead letter with its reason, and the stream flows on', async () => {
  const connection = await connect({ servers: pipeline.nats.url })
  try {
    const web = { cluster: 'test', namespace: 'dead-letter', name: 'web' }
    connection.publish(observationSubject(web, 16), '{"specversion":"1.0","id":"x"')
    await cluster.operator.setTag('dead-letter', 'web', 'slow-2')
    await onlyCard('dead-letter', /is live/)
    const manager = await jetstreamManager(connection)
    const kept = await manager.streams.getMessage(streams.deadLetters.name, { seq: 1 })
    const letter = decodeEvent(kept?.string() ?? '', parseDeadLetter)
    assert.ok(letter.kind === 'ok', JSON.stringify(letter))
    assert.equal(letter.value.data.subject, observationSubject(web, 16))
    assert.match(letter.value.data.reason, /JSON/)
  } finally {
    await connection.close()
  }
})

test('one trace id leads from the watch event to Slack: in the messages of all subjects and in all three logs', async () => {
  const connection = await connect({ servers: pipeline.nats.url })
  try {
    const heard: { readonly type: string; readonly attempt: number; readonly traceId: string | undefined }[] =
      []
    connection.subscribe('hermod.>', {
      callback: (_error, message) => {
        const [, type = ''] = message.subject.split('.')
        if (!message.subject.includes('.test.trace.web')) return
        const body = message.json<Traced>()
        if (type !== 'state') assert.equal(message.headers?.get('traceparent'), body.traceparent)
        const {
          generation,
          rollout = body.rollout,
          attempt = rollout?.attempt ?? generation ?? 0,
        } = body.data ?? {}
        heard.push({ type, attempt, traceId: body.traceId ?? traceIdOf(body.traceparent ?? '') })
      },
    })
    await connection.flush()
    await cluster.operator.setTag('trace', 'web', 'slow-2')
    await onlyCard('trace', /is live/)
    await eventually(() => assert.ok(heard.some(({ type }) => type === 'delivery')))
    // What is said of the rollout before has another.
    const newest = Math.max(...heard.map(({ attempt }) => attempt))
    const own = heard.filter(({ attempt }) => attempt === newest)
    assert.deepEqual([...new Set(own.map(({ type }) => type))].sort(), [
      'delivery',
      'observation',
      'rollout',
      'state',
    ])
    const [traceId, ...others] = new Set(own.map((each) => each.traceId))
    assert.match(String(traceId), /^[0-9a-f]{32}$/)
    assert.deepEqual(others, [])
    const said = (service: ServiceName): unknown[] =>
      logged(pipeline.services[service].log).flatMap((line) =>
        line['traceId'] === traceId ? [line['msg']] : [],
      )
    await eventually(() => {
      assert.ok(said('watcher').includes('observed'))
      for (const kind of ['started', 'succeeded']) assert.ok(said('dedupe').includes(kind), kind)
      for (const words of ['transition taken in', 'Slack has it'])
        assert.ok(said('notifier').includes(words), words)
    })
  } finally {
    await connection.close()
  }
})

interface Traced {
  readonly traceparent?: string
  /** A state's own. */
  readonly traceId?: string
  readonly rollout?: { readonly attempt: number }
  readonly data?: {
    readonly generation?: number
    readonly attempt?: number
    readonly rollout?: { readonly attempt: number }
  }
}

test('every metric that the services tell is in the table of metrics, and the other way round', async () => {
  const declared = declaredMetrics()
  for (const name of ['watcher', 'dedupe', 'notifier'] as const) {
    const told = (await pipeline.services[name].metrics()).matchAll(/^# TYPE (hermod_\w+) (\w+)$/gm)
    const table = declared
      .filter((metric) => metric.process === name)
      // Only there with a cache in Artifactory.
      .filter((metric) => metric.name !== 'hermod_dedupe_cache_failures_total')
    assert.deepEqual(
      [...told].map(([, metric, type]) => `${metric} ${type}`).sort(),
      table.map((metric) => `${metric.name} ${metric.type}`).sort(),
    )
  }
})

function logged(log: string): readonly Readonly<Record<string, unknown>>[] {
  return log.split('\n').flatMap((line) => (/^\{.*\}$/.test(line) ? [JSON.parse(line)] : []))
}
