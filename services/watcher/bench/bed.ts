// A real API server that writes down our requests, a real nats-server with fsync, and one watcher as it runs in a pod.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type DeploymentObservation, decodeEvent, parseObserved } from '@hermod/contracts'
import { connectJetStream, type JetStreamConnection, provision } from '@hermod/jetstream'
import {
  type ControlPlane,
  eventually,
  makeTempFolder,
  type RunningProcess,
  shippedStart,
  startControlPlane,
  startNatsServer,
  startProcess,
} from '@hermod/testkit'

const httpPort = 21_112
// Node's figure is the time between two looks at the clock, not how late the second was.
const betweenLooksMs = 10
const user = 'system:serviceaccount:default:hermod'
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

export interface Bed extends AsyncDisposable {
  readonly plane: ControlPlane
  readonly connection: JetStreamConnection
  startWatcher(script: string): Promise<WatcherProcess>
  /** The most requests of the watcher that the API server got within one second, since `sinceMs` (epoch). */
  requestsInASecond(sinceMs: number): Promise<number>
  /** Calls `take` with each observation as it is published. */
  follow(take: (observation: DeploymentObservation) => void): void
}

/** On the control plane that stands in `dataDir`. */
export async function startBed(dataDir: string): Promise<Bed> {
  await using parts = new AsyncDisposableStack()
  const folder = parts.use(await makeTempFolder('bench')).path
  const [policy, log] = [join(folder, 'audit.json'), join(folder, 'audit.log')]
  const rules = [{ level: 'Metadata', users: [user], omitStages: ['ResponseStarted', 'ResponseComplete'] }]
  await writeFile(
    policy,
    JSON.stringify({ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules: [...rules, { level: 'None' }] }),
  )
  const apiServerFlags = [`--audit-policy-file=${policy}`, `--audit-log-path=${log}`]
  const plane = parts.use(await startControlPlane({ apiServerFlags, dataDir }))
  // The statuses are ours, as they were when the cluster was made.
  await plane.controllerManager.kill()
  const nats = parts.use(await startNatsServer())
  const connection = parts.use(await connectJetStream({ servers: [nats.url], name: 'bench', log: silent }))
  await provision(connection, { partitions: 16, replicas: 1 })
  const read = ['get', 'list', 'watch']
  const { token } = await plane.createServiceAccount({
    name: 'hermod',
    rules: [
      { apiGroups: [''], resources: ['namespaces', 'pods', 'events'], verbs: read },
      { apiGroups: ['apps'], resources: ['deployments', 'replicasets'], verbs: read },
    ],
  })
  await writeFile(join(folder, 'token'), token)
  await writeFile(join(folder, 'ca.crt'), plane.ca)
  const image = shippedStart('watcher')
  const env = {
    ...image.env,
    NATS_URL: nats.url,
    CLUSTER_NAME: 'bench',
    HTTP_PORT: String(httpPort),
    KUBERNETES_SERVICE_HOST: '127.0.0.1',
    KUBERNETES_SERVICE_PORT: String(plane.port),
    SERVICE_ACCOUNT_DIR: folder,
    LOG_LEVEL: 'warn',
  }
  const started = parts.move()
  return {
    plane,
    connection,
    startWatcher: async (script) =>
      new WatcherProcess(await startProcess(process.execPath, [...image.flags, script], { env })),
    requestsInASecond: async (sinceMs) => mostInASecond(await readFile(log, 'utf8'), sinceMs),
    follow: (take) => {
      connection.nats.subscribe('hermod.observation.>', {
        callback: (_, message) => {
          const event = decodeEvent(message.string(), parseObserved)
          if (event.kind === 'ok' && event.value.data.kind === 'observation') take(event.value.data)
        },
      })
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

function mostInASecond(log: string, sinceMs: number): number {
  const times = log
    .split('\n')
    .flatMap((line) => /"requestReceivedTimestamp":"([^"]+)"/.exec(line)?.[1] ?? [])
    .map((time) => Date.parse(time))
    .filter((time) => time >= sinceMs)
    .toSorted((a, b) => a - b)
  let first = 0
  return times.reduce((most, time, index) => {
    while ((times[first] ?? time) <= time - 1_000) first++
    return Math.max(most, index - first + 1)
  }, 0)
}

export class WatcherProcess implements AsyncDisposable {
  readonly startedAt: number = performance.now()
  readonly startedAtEpoch: number = Date.now()
  readonly #process: RunningProcess
  #longestStallMs = 0

  constructor(process: RunningProcess) {
    this.#process = process
  }

  /** As far as the metrics were read: each reading tells of the time since the one before. */
  get longestStallMs(): number {
    return this.#longestStallMs
  }

  forgetStalls(): void {
    this.#longestStallMs = 0
  }

  async metric(name: string): Promise<number> {
    const text = await this.#metrics()
    const start = text.indexOf(`\n${name} `)
    return start < 0 ? Number.NaN : Number.parseFloat(text.slice(start + name.length + 2))
  }

  /** How many observations took at most so many seconds. */
  async buckets(name: string): Promise<ReadonlyMap<number, number>> {
    const lines = (await this.#metrics()).matchAll(
      new RegExp(`^${name}_bucket\\{le="([^"]+)"\\} (\\S+)`, 'gm'),
    )
    return new Map(
      [...lines].map(([, bound, count]) => [
        bound === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound),
        Number(count),
      ]),
    )
  }

  /** Resolves when the metric is at least so high, with the milliseconds since the start. */
  async until(name: string, accepts: (value: number) => boolean, timeoutMs = 180_000): Promise<number> {
    await eventually(
      async () => {
        const value = await this.metric(name)
        if (!accepts(value)) throw new Error(`${name} is ${value}\n${this.#process.output}`)
      },
      { timeoutMs, everyMs: 100 },
    )
    return performance.now() - this.startedAt
  }

  async #metrics(): Promise<string> {
    const response = await fetch(`http://127.0.0.1:${httpPort}/metrics`)
    const text = await response.text()
    const lag = Number(/^nodejs_eventloop_lag_max_seconds (\S+)/m.exec(text)?.[1] ?? 0)
    this.#longestStallMs = Math.max(this.#longestStallMs, lag * 1_000 - betweenLooksMs)
    return text
  }

  /** MiB now, or at most so far. */
  async memory(which: 'VmRSS' | 'VmHWM'): Promise<number> {
    const status = await readFile(`/proc/${this.#process.pid}/status`, 'utf8')
    return Number(new RegExp(`${which}:\\s+(\\d+)`).exec(status)?.[1]) / 1_024
  }

  async cpuSeconds(): Promise<number> {
    const stat = await readFile(`/proc/${this.#process.pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')')).split(' ')
    return (Number(fields[12]) + Number(fields[13])) / 100
  }

  /** From now on the peak counts anew. */
  async forgetPeak(): Promise<void> {
    await writeFile(`/proc/${this.#process.pid}/clear_refs`, '5')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.stop()
  }
}
