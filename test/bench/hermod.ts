/**
 * Owns Hermod as it ships: a nats-server that flushes every write, and the four programs of ours as bundles under the
 * flags of their image.
 */
import { join } from 'node:path'
import { type FakeSlack, type NatsServer, shippedStart, startNatsServer, startProcess } from '@hermod/testkit'
import { readSlackLog } from '../oracle/slack-log.ts'
import { provisionOnce, untilReady } from '../pipeline/pipeline.ts'
import {
  type ServiceName,
  type ServiceProcess,
  serviceNames,
  startService,
} from '../pipeline/service-process.ts'
import { type Contender, type Entrant, type Place, untilAtRest } from './contender.ts'

export interface Hermod extends Contender {
  readonly nats: NatsServer
  /** Of its `/varz`. */
  readonly monitorUrl: string
  readonly services: Readonly<Record<ServiceName, ServiceProcess>>
}

export interface HermodEntrant extends Entrant {
  start(place: Place, settings?: Readonly<Record<string, string>>): Promise<Hermod>
}

export function isHermod(contender: Contender): contender is Hermod {
  return 'monitorUrl' in contender
}

/** `bundles` is the folder that `npm run bundle` wrote. */
export function hermodEntrant(bundles: string): HermodEntrant {
  return { name: 'Hermod', start: (place, settings) => startHermod(bundles, place, settings) }
}

async function startHermod(
  bundles: string,
  { kubeconfig, slack }: Place,
  settings: Readonly<Record<string, string>> = {},
): Promise<Hermod> {
  await using stack = new AsyncDisposableStack()
  const nats = stack.use(await startNatsServer({ config: 'http: "127.0.0.1:-1"' }))
  const [, monitorUrl] = /monitor on (127\.0\.0\.1:\d+)/.exec(nats.log) ?? []
  if (monitorUrl === undefined) throw new Error(`nats-server names no monitor:\n${nats.log}`)
  await provisionOnce(nats.url)
  const from = performance.now()
  const common = { NATS_URL: nats.url, CLUSTER_NAME: 'bench' }
  const own: Readonly<Record<ServiceName, Readonly<Record<string, string>>>> = {
    watcher: { KUBECONFIG: kubeconfig },
    dedupe: {},
    notifier: { SLACK_API_URL: slack.apiUrl, SLACK_TOKEN: slack.token, ...settings },
  }
  const start = async (name: ServiceName): Promise<ServiceProcess> =>
    stack.use(await startService(name, { ...common, ...own[name] }, { bundles }))
  const [watcher, dedupe, notifier] = await Promise.all([
    start('watcher'),
    start('dedupe'),
    start('notifier'),
  ])
  const { flags, env } = shippedStart('provision')
  const provision = stack.use(
    await startProcess(process.execPath, [...flags, join(bundles, 'provision.mjs'), '--every=15s'], {
      env: { PATH: process.env['PATH'], ...env, ...common, HTTP_HOST: '127.0.0.1', HTTP_PORT: '0' },
    }),
  )
  const services = { watcher, dedupe, notifier }
  const all = serviceNames.map((name) => services[name])
  const ready = async (): Promise<void> => {
    await Promise.all(all.map(untilReady))
  }
  await ready()
  const readyAfterMs = performance.now() - from
  const processes: Contender['processes'] = () =>
    new Map([
      ['nats-server', [nats.pid]],
      ...all.map(({ name, pid }) => [name, [pid]] as const),
      ['provision', [provision.pid]],
    ])
  const atRestAfterMs = (await untilAtRest({ processes })) - from
  const started = stack.move()
  return {
    readyAfterMs,
    atRestAfterMs,
    nats,
    monitorUrl: `http://${monitorUrl}`,
    services,
    processes,
    async kill() {
      await Promise.all([...all, nats].map((part) => part.kill()))
    },
    async restart() {
      await nats.restart()
      await Promise.all(all.map((service) => service.restart()))
      await ready()
    },
    read: () => readSlackLog(messagesIn(slack), 0),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

function messagesIn(slack: FakeSlack) {
  return slack.channels.flatMap(({ id }) => slack.messages(id))
}
