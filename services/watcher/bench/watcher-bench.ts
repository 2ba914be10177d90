// Speed and size of one watcher on a real API server and a real nats-server with fsync, as it would run in a pod:
//   node services/watcher/bench/watcher-bench.ts [SCRIPT]
// SCRIPT is what is measured; dist/watcher.mjs (`npm run bundle`) is what ships, the sources by default.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { streams } from '@hermod/contracts'
import { connectJetStream, provision } from '@hermod/jetstream'
import {
  type ControlPlane,
  createNamespace,
  eventually,
  makeTempFolder,
  startControlPlane,
  startNatsServer,
  startProcess,
} from '@hermod/testkit'

const script = process.argv[2] ?? join(import.meta.dirname, '../src/main.ts')
const namespaces = Number(process.argv[3] ?? 500)
const deploymentsEach = 10
const changes = Number(process.argv[5] ?? 600)
const changesPerSecond = 20
const idleSeconds = Number(process.argv[4] ?? 30)
const httpPort = 21_112

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
await using plane = await startControlPlane()
// Nobody rolls anything out here: the statuses are ours.
await plane.controllerManager.kill()
await using nats = await startNatsServer()
await using connection = await connectJetStream({ servers: [nats.url], name: 'bench', log: silent })
await provision(connection, { partitions: 16, replicas: 1 })
await using folder = await makeTempFolder('identity')
await mkdir(folder.path, { recursive: true })
const read = ['get', 'list', 'watch']
const { token } = await plane.createServiceAccount({
  name: 'hermod',
  rules: [
    { apiGroups: [''], resources: ['namespaces', 'pods', 'events'], verbs: read },
    { apiGroups: ['apps'], resources: ['deployments', 'replicasets'], verbs: read },
  ],
})
await writeFile(join(folder.path, 'token'), token)
await writeFile(join(folder.path, 'ca.crt'), plane.ca)

say(`making ${namespaces * deploymentsEach} Deployments in ${namespaces} namespaces`)
await makeCluster(plane)

say('starting the watcher')
const startedAt = performance.now()
await using watcher = await startProcess(
  process.execPath,
  ['--max-semi-space-size=4', '--max-old-space-size=96', script],
  {
    env: {
      NATS_URL: nats.url,
      CLUSTER_NAME: 'bench',
      HTTP_PORT: String(httpPort),
      KUBERNETES_SERVICE_HOST: '127.0.0.1',
      KUBERNETES_SERVICE_PORT: String(plane.port),
      SERVICE_ACCOUNT_DIR: folder.path,
      LOG_LEVEL: 'warn',
    },
  },
)
await eventually(() => isReady(), { timeoutMs: 60_000 })
row('watching after', `${since(startedAt)} ms`)
await eventually(async () => atLeast(await counter('hermod_watcher_snapshots_total'), 1), {
  timeoutMs: 120_000,
})
row('snapshot published after', `${since(startedAt)} ms`)
row('peak RSS so far', `${await memory('VmHWM')} MiB`)

// What was made a moment ago is young, and looked at more often.
await eventually(async () => atLeast(-(await counter('hermod_watcher_open_rollouts')), 0), {
  timeoutMs: 180_000,
})
const idle = await cpuSeconds()
await new Promise((resolve) => setTimeout(resolve, idleSeconds * 1_000))
row('CPU at rest', `${((((await cpuSeconds()) - idle) / idleSeconds) * 100).toFixed(2)} % of a core`)
row('RSS at rest', `${await memory('VmRSS')} MiB`)

const before = await buckets()
for (let change = 0; change < changes; change++) {
  const from = performance.now()
  const path = `/apis/apps/v1/namespaces/n${change % namespaces}/deployments/d0`
  const template = { metadata: { annotations: { change: String(change) } } }
  await plane.api.patch(path, { spec: { template } })
  await new Promise((resolve) =>
    setTimeout(resolve, Math.max(0, 1_000 / changesPerSecond - (performance.now() - from))),
  )
}
const after = await buckets()
row(
  `event → acknowledged at ${changesPerSecond}/s`,
  `p50 ≤ ${quantile(before, after, 0.5)} ms, p99 ≤ ${quantile(before, after, 0.99)} ms`,
)
row('bare publish with fsync', await barePublish())
row(
  'longest event-loop stall',
  `${((await counter('nodejs_eventloop_lag_max_seconds')) * 1_000).toFixed(0)} ms`,
)
row('RSS afterwards', `${await memory('VmRSS')} MiB, peak ${await memory('VmHWM')} MiB`)

async function makeCluster({ api }: ControlPlane): Promise<void> {
  const queue = Array.from({ length: namespaces }, (_, index) => index).values()
  const work = async (): Promise<void> => {
    for (const index of queue) {
      const namespace = `n${index}`
      await createNamespace(api, namespace, { 'hermod.uswitch.com/slack': 'bench' })
      for (let each = 0; each < deploymentsEach; each++) await makeDeployment(api, namespace, `d${each}`)
    }
  }
  await Promise.all(Array.from({ length: 8 }, work))
}

async function makeDeployment(api: ControlPlane['api'], namespace: string, name: string): Promise<void> {
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments`
  const labels = { app: name, team: `team-${namespace}` }
  const env = Array.from({ length: 20 }, (_, index) => ({
    name: `SETTING_${index}`,
    value: `${namespace}-${index}`,
  }))
  const resources = { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } }
  const readinessProbe = { httpGet: { path: '/ready', port: 8080 } }
  const containers = [
    { name: 'app', image: `registry.example/${name}:1.0.0`, env, resources, readinessProbe },
  ]
  const template = { metadata: { labels }, spec: { containers } }
  await api.create(path, {
    metadata: { name },
    spec: { replicas: 2, selector: { matchLabels: labels }, template },
  })
  const status = {
    observedGeneration: 1,
    replicas: 2,
    updatedReplicas: 2,
    readyReplicas: 2,
    availableReplicas: 2,
  }
  await api.patch(`${path}/${name}/status`, { status })
}

async function metricsText(): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${httpPort}/metrics`)
  return await response.text()
}

async function isReady(): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${httpPort}/readyz`)
  if (!response.ok) throw new Error(`${await response.text()} ${watcher.output}`)
}

async function counter(name: string): Promise<number> {
  return Number(new RegExp(`^${name} (\\S+)`, 'm').exec(await metricsText())?.[1] ?? Number.NaN)
}

async function buckets(): Promise<Map<string, number>> {
  const lines = (await metricsText()).matchAll(
    /^hermod_watcher_publish_seconds_bucket\{le="([^"]+)"\} (\S+)/gm,
  )
  return new Map([...lines].map(([, bound = '', count]) => [bound, Number(count)]))
}

function quantile(before: Map<string, number>, after: Map<string, number>, part: number): number {
  const counts = [...after].map(
    ([bound, count]) => [Number(bound) * 1_000, count - (before.get(bound) ?? 0)] as const,
  )
  const total = counts.at(-1)?.[1] ?? 0
  return counts.find(([, count]) => count >= total * part)?.[0] ?? Number.POSITIVE_INFINITY
}

async function barePublish(): Promise<string> {
  const took: number[] = []
  for (let each = 0; each < 500; each++) {
    const from = performance.now()
    await connection.jetstream.publish(`hermod.observation.0.bare.n.d${each}`, 'x'.repeat(1_500))
    took.push(performance.now() - from)
  }
  took.sort((a, b) => a - b)
  return `p50 ${took[250]?.toFixed(1)} ms, p99 ${took[495]?.toFixed(1)} ms`
}

async function memory(field: 'VmRSS' | 'VmHWM'): Promise<string> {
  const status = await readFile(`/proc/${watcher.pid}/status`, 'utf8')
  return (Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 1_024).toFixed(0)
}

async function cpuSeconds(): Promise<number> {
  const fields = (await readFile(`/proc/${watcher.pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / 100
}

function atLeast(value: number, least: number): void {
  if (!(value >= least)) throw new Error(`${value} of ${least}`)
}

function since(from: number): number {
  return Math.round(performance.now() - from)
}

function row(what: string, figure: string): void {
  process.stdout.write(`${what.padEnd(34)} ${figure}\n`)
}

function say(what: string): void {
  process.stderr.write(`${what}\n`)
}

say(`stream ${streams.observations.name} done`)
