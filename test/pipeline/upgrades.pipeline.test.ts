import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { eventually, noBudgets } from '@hermod/testkit'
import { type Expected, tally } from './final-states.ts'
import {
  type Cluster,
  type Pipeline,
  pipelineSettings,
  startCluster,
  startPipeline,
  untilReady,
} from './pipeline.ts'
import { type ServiceName, startService } from './service-process.ts'

// In the order in which a release is brought out: whoever reads a message before whoever writes it.
const order: readonly ServiceName[] = ['notifier', 'dedupe', 'watcher']

// Slack's rates are not what is tested here.
const unhurried = { SLACK_EDITS_PER_MINUTE: '600', SLACK_READBACK_WAIT: '500ms' }

const stack = new AsyncDisposableStack()
let cluster: Cluster
let pipeline: Pipeline
/** One of each kind, each of a Deployment of its own. */
const rollouts = order.map((service): readonly Expected[] => {
  const namespace = `upgrade-${service}`
  return [
    { namespace, name: `prompt-${service}`, tag: '2', end: 'live' },
    { namespace, name: `late-${service}`, tag: 'slow-2', end: 'live' },
    { namespace, name: `broken-${service}`, tag: 'badimage', end: 'failed' },
  ]
})

before(async () => {
  cluster = stack.use(await startCluster())
  const channels = order.map((name) => `upgrade-${name}`)
  for (const channel of channels) await cluster.operator.createNamespace(channel, channel)
  for (const { namespace, name } of rollouts.flat())
    await cluster.operator.create({ namespace, name, progressDeadlineSeconds: 3 })
  for (const { namespace, name } of rollouts.flat())
    await eventually(() => cluster.operator.checkComplete(namespace, name), { timeoutMs: 60_000 })
  pipeline = stack.use(
    await startPipeline({
      cluster,
      slack: { channels, budgets: noBudgets },
      settings: { notifier: unhurried },
    }),
  )
})

after(() => stack.disposeAsync())

for (const [round, name] of order.entries())
  test(`a rolling update of the ${name} amid rollouts loses nothing and says nothing twice`, async () => {
    const expected = rollouts[round] ?? []
    const { nats, slack, services } = pipeline
    const settings = pipelineSettings({ nats: nats.url, slack, cluster })
    const [first, ...others] = expected
    assert.ok(first)
    await cluster.operator.setTag(first.namespace, first.name, first.tag)
    // As a Deployment does it: the new one first, the old one once that is ready.
    const successor = stack.use(
      await startService(name, { ...settings[name], ...(name === 'notifier' && unhurried) }),
    )
    for (const { namespace, name, tag } of others) await cluster.operator.setTag(namespace, name, tag)
    await untilReady(successor)
    await services[name].stop()
    assert.match(services[name].log, /"msg":"stopped"/)

    const count = () => tally(expected, pipeline.cards(`upgrade-${name}`))
    await eventually(() => assert.deepEqual(count().missing, []), { timeoutMs: 60_000 })
    assert.deepEqual(count(), { missing: [], doubled: [], unexpected: [] })
  })
