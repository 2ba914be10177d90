/**
 * Owns a whole Hermod as it is shipped, under load, with secrets to look out for and an oracle that judges it: what
 * every fault of this folder is done to.
 *
 * 1. The oracle reads the API server's own history and Slack's own messages, and nothing of the product.
 * 2. Services reach NATS and the API server through proxies of their own when links are to break.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import {
  eventually,
  type KubeAccess,
  type NatsServerOptions,
  noBudgets,
  type RunningProcess,
  recordDeployments,
  startProcess,
} from '@hermod/testkit'
import { bundlePrograms } from '../images/as-shipped.ts'
import { asUser } from '../nats-rights/shipped-authorization.ts'
import { readAttempts } from '../oracle/api-history.ts'
import { type Finding, judge } from '../oracle/judge.ts'
import { readSlackLog } from '../oracle/slack-log.ts'
import { freePorts } from '../pipeline/free-ports.ts'
import { type Cluster, type Pipeline, startCluster, startPipeline } from '../pipeline/pipeline.ts'
import { type ServiceName, serviceNames } from '../pipeline/service-process.ts'
import { Random } from '../simulation/random.ts'
import type { Lookout } from './canaries.ts'
import { type Clocks, makeClocks } from './clocks.ts'
import { historyOf } from './history.ts'
import { type Links, startLinks } from './links.ts'
import { Load } from './load.ts'
import { startOutside } from './outside.ts'
import { planOf, standingTag } from './played-rollouts.ts'
import { ServiceLogs } from './service-logs.ts'

export interface ChaosBedOptions {
  readonly seed: number
  readonly lanes: number
  readonly deployments: number
  readonly nats?: NatsServerOptions
  /** What is read of the cluster is read from an API server of its own, which no fault hits. */
  readonly killsApiServer?: boolean
  /** Lets the services' clocks be shifted. */
  readonly shiftsClocks?: boolean
  readonly settings?: Readonly<Partial<Record<ServiceName, Readonly<Record<string, string>>>>>
}

export interface ChaosBed extends AsyncDisposable {
  readonly cluster: Cluster
  readonly pipeline: Pipeline
  readonly load: Load
  readonly random: Random
  readonly links: Links
  readonly clocks: Clocks
  /** Resolves when as many rollouts are under way. */
  untilUnderWay(count: number): Promise<void>
  /** Resolves when an end of every Deployment was told. */
  untilAllKnown(): Promise<void>
  /** What was doubled, wrong or out of order so far; what is not told yet is no misstep. */
  missteps(): readonly string[]
  /** What happens within it can be missed by whoever is away. */
  amid<T>(fault: () => Promise<T>): Promise<T>
  /** Resolves with how long it took until all that has ended by now was told. */
  untilTold(withinMs: number): Promise<number>
  /** Resolves with how long it took until something was told that ended after this call. */
  untilFlowing(withinMs: number): Promise<number>
  /** NATS loses all it has now. */
  noteErasure(): void
  /** Ends the load, waits for its last word, and says what was lost, doubled, wrong, and which secrets were seen. */
  verdict(): Promise<Verdict>
}

export interface Verdict {
  /** What was lost, doubled, wrong or out of order, and where a secret was seen. */
  readonly problems: readonly string[]
  readonly rollouts: number
  /** As text: how many, how fast. */
  readonly figures: string
}

// Slack takes one post a second in a channel: so there are several, each with its namespace.
const channelCount = 12
/** What was missed in a fault may be told as what came after it. */
const blindAfterMs = 15_000
/** From the last end to its word; a killed notifier's lease alone takes 6 s to run out. */
const lastWordWithinMs = 60_000
/** In quiet times. */
const promptMs = 60_000
/** What is right stays right. */
const stillForMs = 3_000

// Slack's rates are not what is tested here.
const usualSettings: Readonly<Record<ServiceName, Readonly<Record<string, string>>>> = {
  watcher: {},
  dedupe: {},
  notifier: { SLACK_EDITS_PER_MINUTE: '600', SLACK_READBACK_WAIT: '500ms' },
}

export async function startChaosBed(options: ChaosBedOptions): Promise<ChaosBed> {
  const { seed, lanes, deployments } = options
  const random = new Random(seed)
  await using stack = new AsyncDisposableStack()
  const cluster = stack.use(await startCluster(planOf))
  const { controlPlane, operator } = cluster
  const witness: KubeAccess = options.killsApiServer
    ? stack.use(await controlPlane.startSecondApiServer())
    : controlPlane
  const outside = stack.use(await startOutside(controlPlane))
  const { lookout, envSecret, slackToken } = outside
  const channels = Array.from({ length: channelCount }, (_, index) => `chaos-${index}`)
  const targets = Array.from({ length: deployments }, (_, index) => ({
    namespace: channels[index % channelCount] ?? '',
    name: `app-${index}`,
  }))
  for (const channel of channels) await operator.createNamespace(channel, channel)
  const load = stack.use(new Load({ operator, random, targets, lanes }))
  const record = stack.use(await recordDeployments(witness, (event) => load.see(event)))
  const env = [{ name: 'PASSWORD', value: envSecret }]
  await Promise.all(targets.map((target) => operator.create({ ...target, tag: standingTag, env })))
  for (const { namespace, name } of targets)
    await eventually(() => operator.checkComplete(namespace, name), { timeoutMs: 90_000 })

  const [natsPort = 0] = await freePorts(1)
  const links = stack.use(await startLinks(natsPort, controlPlane))
  const clocks = stack.use(await makeClocks())
  const settingsOf = (name: ServiceName): Readonly<Record<string, string>> => ({
    ...outside.settings[name],
    NATS_URL: `nats://${links.toNats[name].address}`,
    ...(options.shiftsClocks && clocks.settingsOf(name)),
    ...usualSettings[name],
    ...options.settings?.[name],
  })
  const bundles = stack.use(await bundlePrograms()).path
  const logs = new ServiceLogs()
  const pipeline = stack.use(
    await startPipeline({
      cluster,
      bundles,
      shippedRights: true,
      nats: { port: natsPort, ...options.nats },
      slack: { channels, budgets: noBudgets, token: slackToken, keptCalls: 1_000 },
      settings: {
        watcher: { ...settingsOf('watcher'), KUBECONFIG: links.kubeconfig },
        dedupe: settingsOf('dedupe'),
        notifier: settingsOf('notifier'),
      },
      hear(name, text) {
        lookout.hear(`the log of ${name}`, text)
        logs.hear(name, text)
      },
    }),
  )
  // As it is shipped: it makes anew what NATS lost.
  const provision = stack.use(await startProvisioner(bundles, pipeline.nats.url, lookout))
  const { slack, services } = pipeline
  slack.onMessage((message) => load.read(message))
  const sinceMs = performance.now()
  load.start()
  const blind: { fromMs: number; toMs: number }[] = []
  const erasedMs: number[] = []

  const look = (): readonly Finding[] => {
    const messages = slack.channels.flatMap(({ id }) => slack.messages(id))
    return judge({
      attempts: readAttempts(historyOf(record), performance.now()),
      log: readSlackLog(messages, performance.timeOrigin),
      sinceMs,
      blind,
      erasedMs,
      cachedMs: outside.cachedMs,
      promptMs,
    })
  }
  const lookForSecrets = async (): Promise<void> => {
    for (const service of serviceNames.map((name) => services[name])) {
      lookout.lookAtArguments(service.name, service.pid)
      lookout.look(`the metrics of ${service.name}`, await service.metrics().catch(() => ''))
    }
    lookout.lookAtArguments('provision', provision.pid)
    for (const { id } of slack.channels) lookout.look('Slack', JSON.stringify(slack.messages(id)))
    lookout.look('Sentry', JSON.stringify(outside.sentry.envelopes))
  }

  const untilTold = async (withinMs: number): Promise<number> => {
    const beganMs = performance.now()
    const awaited = load.untold
    await eventually(
      () => {
        const left = load.untold.filter((name) => awaited.includes(name))
        assert.deepEqual(left, [])
      },
      { timeoutMs: withinMs, everyMs: 50 },
    )
    return performance.now() - beganMs
  }

  const started = stack.move()
  return {
    cluster,
    pipeline,
    load,
    random,
    links,
    clocks,
    untilUnderWay: (count) =>
      eventually(() => assert.ok(load.underWay >= count, `${load.underWay} rollouts are under way`), {
        timeoutMs: 120_000,
      }),
    untilAllKnown: () =>
      eventually(
        () => {
          assert.equal(load.everTold, deployments)
          for (const { namespace, name } of targets) assert.ok(outside.isCached(namespace, name), name)
        },
        { timeoutMs: 180_000, everyMs: 100 },
      ),
    missteps: () => look().flatMap(({ kind, what }) => (kind === 'lost' ? [] : [`${kind}: ${what}`])),
    async amid(fault) {
      const window = { fromMs: performance.now() - 1_000, toMs: Number.POSITIVE_INFINITY }
      blind.push(window)
      try {
        return await fault()
      } finally {
        window.toMs = performance.now() + blindAfterMs
        await lookForSecrets()
      }
    },
    untilTold,
    async untilFlowing(withinMs) {
      const beganMs = performance.now()
      await eventually(() => assert.ok(load.toldSince(beganMs), 'nothing is told'), {
        timeoutMs: withinMs,
        everyMs: 50,
      })
      return performance.now() - beganMs
    },
    noteErasure: () => void erasedMs.push(performance.now()),
    async verdict() {
      // Without a record no end is ever seen.
      record.broken.throwIfAborted()
      await Promise.race([load.stop(), once(record.broken, 'abort')])
      record.broken.throwIfAborted()
      // What stays untold then is the oracle's to name.
      await untilTold(lastWordWithinMs).catch(() => undefined)
      await delay(stillForMs)
      await lookForSecrets()
      const told = load.tellingMs.toSorted((one, other) => one - other)
      const at = (share: number): string =>
        `${((told[Math.floor(told.length * share)] ?? 0) / 1_000).toFixed(1)} s`
      return {
        problems: [
          ...look().map(({ kind, what, attempt }) =>
            [`${kind}: ${what}`, ...(attempt ? logs.about(attempt) : [])].join('\n  '),
          ),
          ...lookout.sightings.map((sighting) => `secret: ${sighting}`),
        ],
        rollouts: load.begun,
        figures: `${load.begun} rollouts, ${load.overtaken} of them overtaken; end told after ${at(0.5)} p50, ${at(0.99)} p99; ${lookout.secrets} secrets looked for in ${Math.round(lookout.characters / 2 ** 20)} MiB`,
      }
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

async function startProvisioner(bundles: string, url: string, lookout: Lookout): Promise<RunningProcess> {
  const env = {
    PATH: process.env['PATH'],
    ...asUser('provision'),
    NATS_URL: url,
    PROVISION_EVERY: '15s',
    HTTP_HOST: '127.0.0.1',
    HTTP_PORT: '0',
  }
  return await startProcess(process.execPath, [join(bundles, 'provision.mjs')], {
    env,
    hear: (text) => lookout.hear('the log of provision', text),
  })
}
