// Owns what a notifier needs around it: a real nats-server with everything provisioned, and a Slack stand-in.
import {
  buckets,
  encodeEvent,
  type RolloutTransition,
  rolloutSubject,
  type TransitionKind,
  transitionMessageId,
} from '@hermod/contracts'
import {
  connectJetStream,
  createPublisher,
  type JetStreamConnection,
  openBucket,
  provision,
} from '@hermod/jetstream'
import {
  createHealth,
  createLogger,
  createMetrics,
  createScrubber,
  type Health,
  type Metrics,
  readSettings,
  Secret,
} from '@hermod/runtime'
import {
  type FakeSlack,
  type FakeSlackOptions,
  type NatsServer,
  startFakeSlack,
  startNatsServer,
} from '@hermod/testkit'
import { notifierSettings } from '../src/config.ts'
import { startNotifier } from '../src/service.ts'

const partitions = 16

export interface NotifierBed extends AsyncDisposable {
  readonly nats: NatsServer
  readonly slack: FakeSlack
  readonly connection: JetStreamConnection
  /** What a notifier's process would be given. */
  readonly env: Readonly<Record<string, string>>
  publish(transition: RolloutTransition): Promise<void>
  /** A notifier in this process. */
  start(env?: Readonly<Record<string, string>>): Promise<RunningNotifier>
}

export interface RunningNotifier extends AsyncDisposable {
  /** As if the token's file had changed. */
  rotateToken(token: string): void
  readonly health: Health
  readonly metrics: Metrics
  readonly log: readonly string[]
}

export async function startBed(options: FakeSlackOptions = {}, syncAlways = false): Promise<NotifierBed> {
  await using stack = new AsyncDisposableStack()
  const nats = stack.use(await startNatsServer({ syncAlways }))
  const slack = stack.use(await startFakeSlack({ channels: ['deploys', 'ops'], ...options }))
  const log = createLogger({ service: 'bed', level: 'error', scrubber: createScrubber() })
  const connection = stack.use(await connectJetStream({ servers: [nats.url], name: 'bed', log }))
  const { refused } = await provision(connection, { partitions, replicas: 1 })
  if (refused.length > 0) throw new Error(refused.join('\n'))
  const publisher = createPublisher({ connection, log })
  // As if it had always been there.
  const cards = openBucket({
    connection,
    bucket: buckets.cards.name,
    parse: (value) => ({ kind: 'ok', value }),
  })
  await cards.save('since', { version: 1, since: new Date(0).toISOString() }, undefined)
  const env = {
    NATS_URL: nats.url,
    SLACK_API_URL: slack.apiUrl,
    SLACK_TOKEN: slack.token,
    SLACK_READBACK_WAIT: '200ms',
    HTTP_PORT: '0',
  }
  const disposal = stack.move()
  return {
    nats,
    slack,
    connection,
    env,
    async publish(transition) {
      await publisher.publish(messageOf(transition))
    },
    start: async (more = {}) => await startHere({ ...env, ...more }),
    [Symbol.asyncDispose]: async () => await disposal.disposeAsync(),
  }
}

function messageOf(transition: RolloutTransition) {
  const id = transitionMessageId(transition)
  const { cluster, namespace, name } = transition.rollout
  const body = encodeEvent({
    id,
    type: 'transition',
    source: `/hermod/dedupe/${cluster}`,
    subject: `${namespace}/${name}`,
    time: transition.at,
    data: transition,
  })
  return {
    subject: rolloutSubject(transition.rollout, transition.kind satisfies TransitionKind, partitions),
    id,
    body,
  }
}

async function startHere(env: Readonly<Record<string, string>>): Promise<RunningNotifier> {
  const read = readSettings(
    { env, argv: [], openFile: () => ({ ok: false, problem: 'no files here' }) },
    notifierSettings,
  )
  if (!read.ok) throw new Error(read.problems.map(({ name, problem }) => `${name} ${problem}`).join('\n'))
  const lines: string[] = []
  const log = createLogger({
    service: 'notifier',
    level: 'debug',
    scrubber: createScrubber(),
    write: (line) => lines.push(line),
  })
  const health = createHealth()
  const metrics = createMetrics({ processMetrics: false })
  const stopping = new AbortController()
  let token = env['SLACK_TOKEN'] ?? ''
  const config = { ...read.config, slackToken: new Secret(() => token) }
  const service = await startNotifier(config, {
    log,
    health,
    metrics,
    signal: stopping.signal,
    report: () => undefined,
    fail: (error) => lines.push(String(error)),
  })
  return {
    rotateToken(next) {
      token = next
    },
    health,
    metrics,
    log: lines,
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await service[Symbol.asyncDispose]()
    },
  }
}
