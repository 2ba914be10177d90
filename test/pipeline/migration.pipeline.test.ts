import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Deployment, eventually, startFakeArtifactory, startFakeSentry } from '@hermod/testkit'
import { type Cluster, type Pipeline, startCluster, startPipeline } from './pipeline.ts'
import { imageOf, type NewDeployment } from './played-deployments.ts'

const stack = new AsyncDisposableStack()
let cluster: Cluster

before(async () => {
  cluster = stack.use(await startCluster())
})

after(() => stack.disposeAsync())

const everyService = (settings: Readonly<Record<string, string>>) => ({
  watcher: settings,
  dedupe: settings,
  notifier: settings,
})

async function rolledOut(deployment: NewDeployment): Promise<void> {
  await cluster.operator.create(deployment)
  await eventually(() => cluster.operator.checkComplete(deployment.namespace, deployment.name))
}

/** First lines of a channel's messages, once there are these and no others, in whatever order. */
async function onlyMessages(pipeline: Pipeline, channel: string, expected: readonly string[]): Promise<void> {
  await eventually(
    () => {
      const headlines = pipeline.cards(channel).map(({ headline }) => headline)
      assert.deepEqual(headlines.toSorted(), expected.toSorted())
    },
    { timeoutMs: 60_000 },
  )
}

test('deploy-notifier’s environment and cache file are taken over: nothing is said twice, nothing is missed', async () => {
  const { operator, controlPlane } = cluster
  const namespace = 'ai-prod'
  await controlPlane.api.create('/api/v1/namespaces', { metadata: { name: namespace } })
  const names = ['told', 'scaled', 'missed', 'uncached', 'underway', 'gone']
  for (const name of names) await rolledOut({ namespace, name })
  const events: Record<string, object> = {}
  for (const name of names.filter((each) => each !== 'uncached')) {
    const { spec } = await controlPlane.api.get<Deployment>(
      `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`,
    )
    events[name] = { type: 'ADDED', object: { spec: asPythonWrites(spec), metadata: null, status: null } }
  }
  // After the old program was stopped, and before the new one began.
  await operator.patch(namespace, 'scaled', { spec: { replicas: 2 } })
  await operator.setTag(namespace, 'missed', '2')
  await operator.setTag(namespace, 'underway', 'badimage')
  for (const name of ['scaled', 'missed']) await eventually(() => operator.checkComplete(namespace, name))

  await using artifactory = await startFakeArtifactory()
  const file = 'cache/deployment-events-v2-platform-ai-prod.json'
  artifactory.place(file, JSON.stringify({ events }))
  const environment = {
    NAMESPACES: 'ai-prod  ai-test',
    SLACK_CHANNEL: '#deploys',
    KUBECONFIG: '',
    KUBE_CONFIG: controlPlane.kubeconfig,
    CLUSTER_NAME: '',
    ARTIFACTORY_URL: `${artifactory.url}/cache`,
    ARTIFACTORY_LOGIN: artifactory.login,
    OWN_NAMESPACE: 'platform',
    MESSAGE_STYLE: 'plain',
  }
  await using pipeline = await startPipeline({
    cluster,
    slack: { channels: ['deploys'] },
    settings: everyService(environment),
  })
  await onlyMessages(pipeline, 'deploys', ['missed deployed to ai-prod'])

  await operator.setTag(namespace, 'underway', 'slow-3')
  await controlPlane.api.delete(`/apis/apps/v1/namespaces/${namespace}/deployments/gone`)
  // What was to be said of one that has been silent so far would stand before this.
  for (const name of ['told', 'scaled', 'uncached']) await operator.setTag(namespace, name, 'slow-4')
  await onlyMessages(pipeline, 'deploys', [
    'missed deployed to ai-prod',
    'underway deployed to ai-prod',
    'gone deleted from ai-prod',
    'told deployed to ai-prod',
    'scaled deployed to ai-prod',
    'uncached deployed to ai-prod',
  ])

  await eventually(
    () => {
      const kept = JSON.parse(artifactory.file(file)?.toString() ?? '') as {
        events: Record<string, { type: string; object: { spec: Deployment['spec'] } }>
      }
      const images = Object.entries(kept.events).map(([name, { type, object }]) => [
        name,
        type === 'DELETED' ? type : object.spec.template.spec.containers[0]?.image,
      ])
      assert.deepEqual(Object.fromEntries(images), {
        told: imageOf('told', 'slow-4'),
        scaled: imageOf('scaled', 'slow-4'),
        missed: imageOf('missed', '2'),
        uncached: imageOf('uncached', 'slow-4'),
        underway: imageOf('underway', 'slow-3'),
        gone: 'DELETED',
      })
    },
    { timeoutMs: 30_000 },
  )
})

test('uswitch/hermod’s environment, flags and annotations are taken over: nothing is said twice, nothing is missed', async () => {
  const { operator, controlPlane } = cluster
  const annotate = (namespace: string, annotations: object): Promise<unknown> =>
    controlPlane.api.patch(`/api/v1/namespaces/${namespace}`, { metadata: { annotations } })
  await operator.createNamespace('shop', '#shop')
  await operator.createNamespace('payments', 'payments')
  await annotate('payments', { 'hermod.uswitch.com/alert': 'failure' })
  for (const name of ['told', 'broken', 'underway'])
    await rolledOut({ namespace: 'shop', name, progressDeadlineSeconds: 3 })
  for (const name of ['told', 'broken'])
    await rolledOut({ namespace: 'payments', name, progressDeadlineSeconds: 3 })
  // The old program told of this failure, and of the start of what is under way now.
  await operator.setTag('shop', 'broken', 'badimage')
  await eventually(() => checkFailed('shop', 'broken'), { timeoutMs: 30_000 })
  await operator.patch('shop', 'underway', { spec: { progressDeadlineSeconds: 600 } })
  await operator.setTag('shop', 'underway', 'badimage')

  await using sentry = await startFakeSentry()
  await using pipeline = await startPipeline({
    cluster,
    slack: { channels: ['shop', 'payments'] },
    settings: everyService({ CLUSTER_NAME: 'prod-eu', SENTRY_ENDPOINT: sentry.dsn }),
    flags: [
      '--level=debug',
      '--repo-url-annotation=example.com/repo',
      '--commit-sha-annotation=example.com/sha',
      '--git-annotation-warning',
    ],
  })
  const shown = (channel: string): readonly string[] =>
    pipeline.cards(channel).map(({ headline }) => headline)
  await eventually(() => assert.match(shown('shop').join(), /underway .*badimage/), { timeoutMs: 30_000 })
  await operator.setTag('shop', 'underway', 'slow-2')
  await operator.patch('shop', 'told', {
    metadata: {
      annotations: { 'example.com/repo': 'https://git.example/shop/told', 'example.com/sha': 'c486559' },
    },
    spec: { template: { spec: { containers: [{ name: 'app', image: imageOf('told', 'slow-2') }] } } },
  })
  await operator.setTag('shop', 'broken', 'slow-2')
  await operator.setTag('payments', 'told', 'slow-2')
  await operator.setTag('payments', 'broken', 'badimage')

  await eventually(
    () => {
      const told = shown('shop').filter((headline) => !/underway .*badimage/.test(headline))
      assert.equal(told.length, 3, JSON.stringify(told))
      for (const name of ['told', 'broken', 'underway'])
        assert.ok(
          told.some((headline) => new RegExp(`${name} .*slow-2 is live`).test(headline)),
          JSON.stringify(told),
        )
      // Its start is said again, since the new program cannot know; its end is said once.
      assert.equal(
        shown('shop').filter((headline) => /underway .*badimage was overtaken/.test(headline)).length,
        1,
      )
    },
    { timeoutMs: 60_000 },
  )
  assert.match(
    pipeline.cards('shop').find(({ headline }) => headline.includes('told'))?.text ?? '',
    /git\.example\/shop\/told/,
  )
  await eventually(() => assert.match(shown('payments').join(), /^[^,]*broken .*badimage failed[^,]*$/), {
    timeoutMs: 60_000,
  })
  await eventually(async () => {
    const metrics = await pipeline.services.dedupe.metrics()
    for (const counter of ['processed', 'success', 'failed'])
      assert.match(metrics, new RegExp(`^hermod_deployment_${counter}_total(\\{[^}]*\\})? [1-9]`, 'm'))
  })
})

async function checkFailed(namespace: string, name: string): Promise<void> {
  const { status } = await cluster.controlPlane.api.get<Deployment>(
    `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`,
  )
  assert.ok(status.conditions?.some(({ reason }) => reason === 'ProgressDeadlineExceeded'))
}

// Maps whose keys are somebody's own words.
const ownKeys = new Set(['labels', 'annotations', 'matchLabels', 'limits', 'requests', 'nodeSelector'])

/** As to_dict() of the Python client: snake_case, and null for what is not set. */
function asPythonWrites(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asPythonWrites)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, inner]) => [
    name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    ownKeys.has(name) ? inner : asPythonWrites(inner),
  ])
  return { ...Object.fromEntries(entries), not_set_here: null }
}
