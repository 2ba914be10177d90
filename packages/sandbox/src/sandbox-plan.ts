import { natsConnectOptions } from '@hermod/jetstream'
import type { HomePaths } from './sandbox-home.ts'
import type { SandboxConfig } from './sandbox-settings.ts'

/** Which parts stand in for something real that was not given. */
export interface StandIns {
  readonly nats: boolean
  readonly cluster: boolean
  readonly slack: boolean
}

export function chooseStandIns({ natsUrls, kubeconfig, slackToken }: SandboxConfig): StandIns {
  const cluster = kubeconfig === undefined
  const slack = slackToken === undefined
  return { nats: natsUrls === undefined, cluster, slack }
}

/** What the settings contradict each other in; undefined if they do not. */
export function contradiction({
  slackToken,
  slackApiUrl,
}: SandboxConfig): { readonly text: string; readonly remedy: string } | undefined {
  if (slackApiUrl === undefined || slackToken !== undefined) return undefined
  return {
    text: 'SLACK_API_URL is set without SLACK_TOKEN',
    remedy: 'set the token too, or leave both out for messages in the terminal',
  }
}

// One name for both would be one cluster with two identities, which the watcher refuses.
const standInNames = { model: 'sandbox', real: 'sandbox-real' } as const

/** The port that each part listens on; HTTP but for NATS. */
export type Ports = Readonly<Record<'nats' | 'provision' | ServiceName, number>>

/** What the parts that run inside the sandbox's own process turned out to be. */
export interface Surroundings {
  readonly paths: HomePaths
  readonly ports: Ports
  readonly node: string
  /** The folder of the bundles: the services run as they are shipped. */
  readonly bundles: string
  /** Path of the program; needed when NATS is ours. */
  readonly natsServer: string | undefined
  /** Of the cluster that stands in; that of a real one reaches the watcher as it was given. */
  readonly kubeconfig: string | undefined
  /** What the person wrote behind `npm start --`. */
  readonly argv: readonly string[]
  readonly slack: { readonly apiUrl: string; readonly token: string } | undefined
}

/** One process to run. */
export interface Part {
  readonly name: string
  readonly command: readonly [string, ...string[]]
  readonly ports: Readonly<Record<string, number>>
  /** Its settings as the sandbox makes them; they hold no secret. */
  readonly settings: Readonly<Record<string, string>>
  /** Variables of the environment that are another part's business. */
  readonly withheld: readonly string[]
}

type ServiceName = 'watcher' | 'dedupe' | 'notifier'

const secretsOf: Readonly<Record<ServiceName, readonly string[]>> = {
  watcher: ['DIGEST_KEY'],
  dedupe: ['ARTIFACTORY_LOGIN'],
  notifier: ['SLACK_TOKEN'],
}

// As services/Dockerfile has them.
const allocator = { MALLOC_ARENA_MAX: '2' }
const asShipped = ['--max-semi-space-size=2', '--max-old-space-size=96']
const ownFlags: Readonly<Record<string, readonly string[]>> = {
  dedupe: ['--optimize-for-size'],
  notifier: ['--no-turbofan', '--optimize-for-size', '--no-concurrent-recompilation'],
}

/** Every process of the sandbox in the order of their start; they end in the opposite order. */
export function planParts(config: SandboxConfig, choice: StandIns, given: Surroundings): readonly Part[] {
  const nats = choice.nats ? { NATS_URL: ownNats(given.ports) } : undefined
  const cluster = {
    ...(given.kubeconfig !== undefined && { KUBECONFIG: given.kubeconfig }),
    ...(choice.cluster && config.clusterName === undefined && { CLUSTER_NAME: standInNames[config.cluster] }),
  }
  const slack = given.slack && { SLACK_API_URL: given.slack.apiUrl, SLACK_TOKEN: given.slack.token }
  const node = (
    name: 'provision' | ServiceName,
    settings: Readonly<Record<string, string>>,
    ...flags: readonly string[]
  ): Part => ({
    name,
    command: [
      given.node,
      `--env-file=${settingsFilePath(name, given.paths)}`,
      ...asShipped,
      ...(ownFlags[name] ?? []),
      `${given.bundles}/${name}.mjs`,
      ...flags,
      ...given.argv,
    ],
    ports: { http: given.ports[name] },
    settings: { ...nats, ...settings, HTTP_HOST: '127.0.0.1', HTTP_PORT: String(given.ports[name]) },
    withheld: withheldFrom(name),
  })
  return [
    ...(given.natsServer === undefined ? [] : [natsPart(given.natsServer, given)]),
    node('provision', {}, '--every', '15s'),
    node('watcher', cluster),
    node('dedupe', cluster),
    node('notifier', { ...cluster, ...slack }),
  ]
}

function natsPart(program: string, { paths, ports }: Surroundings): Part {
  return {
    name: 'nats-server',
    command: [program, '--config', `${paths.settings}/nats.conf`],
    ports: { nats: ports.nats },
    settings: {},
    withheld: withheldFrom(),
  }
}

/** Where the page listens, and as whom: as the services do. */
export function natsToListenTo(
  { natsUrls, ...login }: SandboxConfig,
  ports: Pick<Ports, 'nats'>,
): ReturnType<typeof natsConnectOptions> {
  return natsConnectOptions({ ...login, natsUrls: natsUrls ?? [ownNats(ports)] })
}

function ownNats({ nats }: Pick<Ports, 'nats'>): string {
  return `nats://127.0.0.1:${nats}`
}

/** Every write is flushed before it is acknowledged, as in production. */
export function natsConfig({ paths, ports }: Pick<Surroundings, 'paths' | 'ports'>): string {
  return `listen: "127.0.0.1:${ports.nats}"
server_name: "hermod-sandbox"
jetstream {
  store_dir: ${JSON.stringify(paths.natsStore)}
  sync_interval: always
  # What the streams may grow to, not what they take: without it the server reckons with the free disk of today.
  max_file_store: 100GB
}
`
}

export function settingsFilePath(part: string, paths: HomePaths): string {
  return `${paths.settings}/${part}.env`
}

/** The environment of a part: what the user set, without what the plan sets itself and what is another part's. */
export function inheritedEnv(
  { settings, withheld }: Part,
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string | undefined>> {
  const left = new Set([...Object.keys(settings), ...withheld])
  return { ...allocator, ...Object.fromEntries(Object.entries(env).filter(([name]) => !left.has(name))) }
}

/** A file for `node --env-file`. */
export function settingsText(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${quote(value)}\n`)
    .join('')
}

// Such a file knows no escapes, but three kinds of quotes.
function quote(value: string): string {
  const mark = ["'", '"', '`'].find((each) => !value.includes(each)) ?? ''
  return `${mark}${value}${mark}`
}

function withheldFrom(name?: string): readonly string[] {
  const others = Object.entries(secretsOf).filter(([service]) => service !== name)
  return others.flatMap(([, secrets]) => secrets.flatMap((secret) => [secret, `${secret}_FILE`]))
}
