// One consumer of the recorded stream in a process of its own: `reflector-consumer.ts KIND URL EVENTS`.
// Prints its CPU seconds, its highest RSS in MiB and its longest stall in milliseconds.
import { createHmac } from 'node:crypto'
import type { KubernetesListObject, V1Deployment } from '@kubernetes/client-node'
import { HttpTransport } from '../src/api-server/api-transport.ts'
import { reflect } from '../src/api-server/reflector.ts'
import { observeDeployment } from '../src/deployment/observe.ts'
import { asWire } from '../src/deployment/wire.ts'
import { deploymentsPath, type ReflectorKind } from './reflector-kinds.ts'

const [kind, url = '', wanted = '0'] = process.argv.slice(2)
const events = Number(wanted)
let seen = 0
const { promise: all, resolve: enough } = Promise.withResolvers<void>()

function count(): void {
  if (++seen === events) enough()
}

const consumers: Readonly<Record<ReflectorKind, () => Promise<void>>> = {
  'our reflector, nothing kept': () => ours(() => undefined),
  'our reflector, as the watcher keeps them': async () => {
    const kept = new Map<string, string>()
    const digest = (text: string): string => createHmac('sha256', 'x').update(text).digest('base64url')
    const options = {
      digester: { keyId: 'x', digest },
      commitShaAnnotation: 'sha',
      repoUrlAnnotation: 'repo',
    }
    await ours((object) => {
      const facts = observeDeployment(asWire<V1Deployment>(object), options)
      kept.set(facts.uid, JSON.stringify(facts))
    })
  },
  'client-node Watch, nothing kept': async () => {
    const { Watch } = await import('@kubernetes/client-node')
    await new Watch(await config()).watch(deploymentsPath, {}, count, () => undefined)
    await all
  },
  'client-node informer, objects kept': async () => {
    const { AppsV1Api, makeInformer } = await import('@kubernetes/client-node')
    const loaded = await config()
    const api = loaded.makeApiClient(AppsV1Api)
    const list = async (): Promise<KubernetesListObject<V1Deployment>> => {
      const { items, metadata = {} } = await api.listDeploymentForAllNamespaces()
      return { apiVersion: 'apps/v1', kind: 'DeploymentList', metadata, items }
    }
    const informer = makeInformer(loaded, deploymentsPath, list)
    informer.on('add', count)
    informer.on('update', count)
    await informer.start()
    await all
    await informer.stop()
  },
}

async function ours(project: (object: unknown) => undefined | void): Promise<void> {
  const transport = new HttpTransport(async () => ({ server: url, headers: {}, tls: {} }))
  const stop = new AbortController()
  void all.then(() => stop.abort())
  const counted = (object: unknown): void => {
    project(object)
    count()
  }
  const unreadable = (_: unknown, error: unknown): never => {
    throw error
  }
  const reflector = reflect({
    transport,
    path: deploymentsPath,
    project: counted,
    unreadable,
    signal: stop.signal,
  })
  for await (const _ of reflector) if (stop.signal.aborted) break
}

async function config(): Promise<import('@kubernetes/client-node').KubeConfig> {
  const { KubeConfig } = await import('@kubernetes/client-node')
  const loaded = new KubeConfig()
  loaded.loadFromClusterAndUser({ name: 'c', server: url, skipTLSVerify: true }, { name: 'u' })
  return loaded
}

let longestStallMs = 0
let last = performance.now()
setInterval(() => {
  const now = performance.now()
  longestStallMs = Math.max(longestStallMs, now - last - 5)
  last = now
}, 5)

const run = Object.entries(consumers).find(([name]) => name === kind)?.[1]
if (run === undefined) throw new Error(`there is no consumer ${kind}`)
const before = process.cpuUsage()
await Promise.race([run(), all])
const { user, system } = process.cpuUsage(before)
const peak = process.resourceUsage().maxRSS / 1_024
process.stdout.write(
  `${JSON.stringify({ cpuSeconds: (user + system) / 1e6, peak, longestStallMs })}\n`,
  () => {
    process.exit(0)
  },
)
