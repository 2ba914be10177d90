import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import {
  eventually,
  natsPyTool,
  obtain,
  pythonTool,
  type RunningProcess,
  startProcess,
} from '@hermod/testkit'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { asUser, type NatsUser } from '../nats-rights/shipped-authorization.ts'
import { type Cluster, type Pipeline, startCluster, startPipeline } from './pipeline.ts'
import { imageOf } from './played-deployments.ts'

const examples = join(import.meta.dirname, '..', '..', 'packages', 'contracts', 'examples')

// Both follow with the one durable consumer that a reader has: what one took, the other is not told.
const languages = ['TypeScript', 'Python'] as const

const stack = new AsyncDisposableStack()
let cluster: Cluster
let pipeline: Pipeline

before(async () => {
  cluster = stack.use(await startCluster())
  for (const namespace of languages.map((language) => language.toLowerCase())) {
    await cluster.operator.createNamespace(namespace, 'shop')
    await cluster.operator.create({ namespace, name: 'web.v2' })
    await eventually(() => cluster.operator.checkComplete(namespace, 'web.v2'))
  }
  pipeline = stack.use(await startPipeline({ cluster, shippedRights: true, slack: { channels: ['shop'] } }))
})

after(() => stack.disposeAsync())

async function startConsumer(
  language: (typeof languages)[number],
  ...args: string[]
): Promise<RunningProcess> {
  const env = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    NATS_URL: pipeline.nats.url,
    ...asUser('reader'),
  }
  if (language === 'TypeScript')
    return await startProcess(process.execPath, [join(examples, 'consumer.ts'), ...args], { env })
  const python = await obtain(pythonTool)
  return await startProcess(python, [join(examples, 'consumer.py'), ...args], {
    env: { ...env, PYTHONPATH: await obtain(natsPyTool) },
  })
}

async function connectAs(name: NatsUser): Promise<NatsConnection> {
  const { NATS_USER: user, NATS_PASSWORD: pass } = asUser(name)
  return await connect({ servers: pipeline.nats.url, user, pass, inboxPrefix: `_INBOX_${user}` })
}

async function unacknowledged(): Promise<number> {
  const nats = await connectAs('provision')
  try {
    const manager = await jetstreamManager(nats, { checkAPI: false })
    return (await manager.consumers.info('ROLLOUTS', 'reader')).num_ack_pending
  } finally {
    await nats.close()
  }
}

interface Told {
  readonly what: string
  readonly namespace: string
  readonly name: string
  readonly phase: string
  readonly images: readonly string[]
}

/** What it wrote of one namespace, once that satisfies the check. */
async function tells(
  consumer: RunningProcess,
  namespace: string,
  check: (told: readonly Told[]) => void,
): Promise<void> {
  await eventually(
    () => {
      const lines = consumer.output.split('\n').filter((line) => line.startsWith('{'))
      const told = lines.map((line) => JSON.parse(line) as Told)
      try {
        check(told.filter((each) => each.namespace === namespace))
      } catch (cause) {
        throw new Error(`the consumer wrote: ${consumer.output}`, { cause })
      }
    },
    { timeoutMs: 30_000 },
  )
}

for (const language of languages) {
  const namespace = language.toLowerCase()
  const webWith = (tag: string): string => imageOf('web.v2', tag)
  const resultsOf = (told: readonly Told[]): readonly string[] =>
    told.filter(({ what }) => what === 'succeeded').flatMap(({ images }) => images)

  test(`${language}: a plain subscription hears the states of a rollout, up to the last`, async () => {
    await using states = await startConsumer(language, 'states')
    // A plain subscriber hears nothing of what was before it.
    await eventually(() => assert.match(states.output, /listening/), { timeoutMs: 30_000 })
    await cluster.operator.setTag(namespace, 'web.v2', 'state-1')
    await tells(states, namespace, (told) => {
      const { what, name, phase, images } = told.at(-1) ?? {}
      assert.deepEqual([what, name, phase, images], ['state', 'web.v2', 'complete', [webWith('state-1')]])
    })
  })

  test(`${language}: a durable consumer that was away misses no transition and is told none twice`, async () => {
    await using first = await startConsumer(language, 'transitions')
    await cluster.operator.setTag(namespace, 'web.v2', 'durable-1')
    await tells(first, namespace, (told) => assert.ok(resultsOf(told).includes(webWith('durable-1'))))
    await first.stop()
    await cluster.operator.setTag(namespace, 'web.v2', 'durable-2')
    await eventually(() => assert.match(pipeline.cards('shop').at(-1)?.headline ?? '', /durable-2 is live/))
    await using second = await startConsumer(language, 'transitions')
    await cluster.operator.setTag(namespace, 'web.v2', 'durable-3')
    await tells(second, namespace, (told) =>
      assert.deepEqual(resultsOf(told), [webWith('durable-2'), webWith('durable-3')]),
    )
    // What is not acknowledged would be told again, half a minute later.
    await eventually(async () => assert.equal(await unacknowledged(), 0), { timeoutMs: 60_000 })
  })

  test(`${language}: the last state of a Deployment is got at once, and none of one that nobody knows`, async () => {
    await using last = await startConsumer(language, 'last', 'test', namespace, 'web.v2')
    await tells(last, namespace, ([only, ...others]) => {
      assert.deepEqual([only?.what, only?.phase, only?.images], ['last', 'complete', [webWith('durable-3')]])
      assert.deepEqual(others, [])
    })
    await using unknown = await startConsumer(language, 'last', 'test', namespace, 'nobody')
    await eventually(() => assert.equal(unknown.output, 'null\n'), { timeoutMs: 30_000 })
  })
}

test('a transition of a newer version is held by both, and what comes after it is told', async () => {
  const dedupe = await connectAs('dedupe')
  const unread = { specversion: '1.0', id: 'x', source: '/hermod/dedupe/test', data: { version: 2 } }
  dedupe.publish('hermod.rollout.0.test.later.web.told', JSON.stringify(unread))
  await dedupe.drain()
  for (const language of languages) {
    const namespace = language.toLowerCase()
    await using consumer = await startConsumer(language, 'transitions')
    await cluster.operator.setTag(namespace, 'web.v2', 'after-1')
    await tells(consumer, namespace, (told) =>
      assert.ok(told.some(({ what, images }) => what === 'succeeded' && images[0]?.endsWith('after-1'))),
    )
    await eventually(async () => assert.equal(await unacknowledged(), 1), { timeoutMs: 60_000 })
    assert.ok(consumer.running, consumer.output)
  }
})
