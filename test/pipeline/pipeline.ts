/**
 * Owns a whole Hermod under test: a real nats-server, the three services as processes, and a Slack stand-in; beside
 * them a cluster that several pipelines, one after the other, may share.
 *
 * 1. Every address stays the same over the restart of any part.
 * 2. Whatever was started is ended with it, in the opposite order.
 */
import assert from 'node:assert/strict'
import { connectJetStream, provision } from '@hermod/jetstream'
import {
  type ControlPlane,
  eventually,
  type FakeSlack,
  type FakeSlackOptions,
  type Kubelet,
  type NatsServer,
  type NatsServerOptions,
  type PlanPod,
  startControlPlane,
  startFakeSlack,
  startKubelet,
  startNatsServer,
} from '@hermod/testkit'
import { asUser, shippedAuthorization } from '../nats-rights/shipped-authorization.ts'
import { Operator, planByTag } from './played-deployments.ts'
import { type ServiceName, type ServiceProcess, serviceNames, startService } from './service-process.ts'
import { cardsIn, type ShownCard } from './shown-cards.ts'

export interface Cluster extends AsyncDisposable {
  readonly controlPlane: ControlPlane
  readonly kubelet: Kubelet
  readonly operator: Operator
}

/** A real control plane whose nodes are played. */
export async function startCluster(plan: PlanPod = planByTag): Promise<Cluster> {
  await using stack = new AsyncDisposableStack()
  const controlPlane = stack.use(await startControlPlane())
  const kubelet = stack.use(await startKubelet(controlPlane, { plan }))
  const started = stack.move()
  return {
    controlPlane,
    kubelet,
    operator: new Operator(controlPlane.api),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

export interface PipelineOptions {
  readonly cluster: Cluster
  readonly slack?: FakeSlackOptions
  readonly nats?: NatsServerOptions
  /** On top of what the pipeline needs, for each service. */
  readonly settings?: Readonly<Partial<Record<ServiceName, Readonly<Record<string, string>>>>>
  /** `--flag=value`s, the same for every service. */
  readonly flags?: readonly string[]
  /** The folder of the bundles to run; the sources if absent. */
  readonly bundles?: string
  /** NATS with the users and rights that k8s/ ships; with none if absent. */
  readonly shippedRights?: boolean
  /** Which are not waited for. */
  readonly unready?: readonly ServiceName[]
  /** Told all that the services write, piece by piece. */
  readonly hear?: (name: ServiceName, text: string) => void
}

export interface Pipeline extends AsyncDisposable {
  readonly nats: NatsServer
  readonly slack: FakeSlack
  readonly services: Readonly<Record<ServiceName, ServiceProcess>>
  cards(channel: string): readonly ShownCard[]
}

/** Resolves when the services are ready and what the cluster holds has been told once: all later is news. */
export async function startPipeline(options: PipelineOptions): Promise<Pipeline> {
  await using stack = new AsyncDisposableStack()
  const { shippedRights = false } = options
  const rights = shippedRights ? { config: shippedAuthorization(clusterName) } : {}
  const nats = stack.use(await startNatsServer({ ...rights, ...options.nats }))
  await provisionOnce(nats.url, shippedRights ? asUser('provision') : undefined)
  const slack = stack.use(await startFakeSlack(options.slack))
  const settings = pipelineSettings({ nats: nats.url, slack, cluster: options.cluster })
  const start = async (name: ServiceName): Promise<ServiceProcess> =>
    stack.use(
      await startService(
        name,
        { ...settings[name], ...(shippedRights && asUser(name)), ...options.settings?.[name] },
        { ...options, hear: (text) => options.hear?.(name, text) },
      ),
    )
  const [watcher, dedupe, notifier] = await Promise.all([
    start('watcher'),
    start('dedupe'),
    start('notifier'),
  ])
  const services = { watcher, dedupe, notifier }
  const awaited = serviceNames.filter((name) => !options.unready?.includes(name))
  await Promise.all(awaited.map((name) => untilReady(services[name])))
  await eventually(async () =>
    assert.match(await watcher.metrics(), /^hermod_watcher_snapshots_total [1-9]/m),
  )
  const started = stack.move()
  return {
    nats,
    slack,
    services,
    cards: (channel) => cardsIn(slack, channel),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

export async function provisionOnce(url: string, as?: ReturnType<typeof asUser>): Promise<void> {
  await using connection = await connectJetStream({
    servers: [url],
    name: 'pipeline-test',
    log: unheard,
    ...(as && {
      user: as.NATS_USER,
      credentials: () => ({ kind: 'password', user: as.NATS_USER, password: as.NATS_PASSWORD }),
    }),
  })
  await provision(connection, { partitions: 16, replicas: 1, readers: ['reader'] })
}

/** Every pipeline's own. */
const clusterName = 'test'

const unheard = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** What each service is told to find the others. */
export function pipelineSettings(where: {
  readonly nats: string
  readonly slack: Pick<FakeSlack, 'apiUrl' | 'token'>
  readonly cluster: Cluster
}): Readonly<Record<ServiceName, Readonly<Record<string, string>>>> {
  const common = { NATS_URL: where.nats, CLUSTER_NAME: clusterName }
  return {
    watcher: { ...common, KUBECONFIG: where.cluster.controlPlane.kubeconfig },
    dedupe: common,
    notifier: { ...common, SLACK_API_URL: where.slack.apiUrl, SLACK_TOKEN: where.slack.token },
  }
}

/** Its error holds what the service waits for, and the end of its log. */
export async function untilReady(service: ServiceProcess): Promise<void> {
  await eventually(
    async () => {
      const { ready, checks } = await service.readiness()
      if (!ready) throw new Error(`${service.name}: ${JSON.stringify(checks)}\n${service.log}`)
    },
    { timeoutMs: 30_000, everyMs: 50 },
  )
}
