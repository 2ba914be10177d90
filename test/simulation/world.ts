// Owns one simulated world: a cluster, a broker, a Slack, and the three services as they ship, each a process that
// can die at any moment.
import { buckets, consumersFor, partitionsMetadataKey, streams } from '@hermod/contracts'
import {
  createHealth,
  createMetrics,
  type Logger,
  readSettings,
  type ServiceDeps,
  type SettingsOf,
} from '@hermod/runtime'
import { dedupeSettings, startDedupe } from '../../services/dedupe/src/index.ts'
import { notifierSettings } from '../../services/notifier/src/config.ts'
import { startNotifier } from '../../services/notifier/src/service.ts'
import { startWatcher, watcherSettings } from '../../services/watcher/src/index.ts'
// Loaded when it is asked for, it would take a time that is not the simulation's.
import '../../services/dedupe/src/serve-cache.ts'
import { type ClusterEvent, eventOf } from './cluster-history.ts'
import { ModelApi } from './model-api.ts'
import { ModelArtifactory } from './model-artifactory.ts'
import { matcher } from './model-connection.ts'
import { type Installation, ModelNats } from './model-nats.ts'
import { ModelSlack, slackToken } from './model-slack.ts'
import { planOf } from './pod-plans.ts'
import { enter } from './the-world.ts'
import { asProcess, now, resetTime, type SimulatedProcess } from './virtual-time.ts'

export const serviceNames = ['watcher', 'dedupe', 'notifier'] as const

export type ServiceName = (typeof serviceNames)[number]

const partitions = 2

interface Running {
  readonly process: SimulatedProcess
  readonly stop: () => Promise<void>
}

export class World {
  readonly nats: ModelNats
  readonly api: ModelApi
  readonly slack: ModelSlack
  readonly artifactory: ModelArtifactory = new ModelArtifactory()
  readonly #environment: Readonly<Record<string, string>>
  readonly events: ClusterEvent[] = []
  /** What must never happen to a process: it gave up by itself, or nobody took care of an error. */
  readonly mishaps: string[] = []
  /** Everything that was logged, for whoever looks into a failure. */
  readonly log: string[] = []
  readonly #running = new Map<string, Running>()
  /** Who dies of which of its coming requests. */
  readonly #crashes = new Map<
    ServiceName,
    { request: number; readonly how: 'dies before' | 'dies after'; readonly over: () => void }
  >()
  readonly #healed = new Set<string>()
  #lives = 0

  constructor(seed: number, channels: readonly string[], hasCache: boolean) {
    resetTime(seed)
    this.#environment = hasCache ? { ...environment, ...cacheEnvironment } : environment
    this.nats = new ModelNats(hasCache ? withCache : withoutCache)
    this.api = new ModelApi(seed, {
      planPod: (pod) => planOf(pod, this.#healed),
      speed: 20,
      terminationMs: 300,
      jitterMs: 30,
    })
    this.slack = new ModelSlack(channels)
    this.api.cluster.listen((changes) => {
      for (const change of changes) {
        const event = eventOf(change, now())
        if (event) this.events.push(event)
      }
    })
    enter(this)
  }

  /** Pods of this tag have what they lacked. */
  heal(tag: string): void {
    this.#healed.add(tag)
    asProcess(undefined, () => this.api.cluster.replan((pod) => planOf(pod, this.#healed)))
  }

  start(name: ServiceName, replica = ''): void {
    const id = `${name}${replica}`
    if (this.#running.has(id)) return
    const process: SimulatedProcess = { name: `${id}-${++this.#lives}`, alive: true }
    const stopping = new AbortController()
    const starting = asProcess(process, () => this.#life(name, process, stopping.signal))
    const stop = async (): Promise<void> => {
      stopping.abort(new Error('SIGTERM'))
      await asProcess(process, async () => (await starting)?.[Symbol.asyncDispose]())
    }
    this.#running.set(id, { process, stop })
  }

  /** SIGKILL at the `request`-th request from now on; `over` is told. */
  crashAt(name: ServiceName, request: number, how: 'dies before' | 'dies after', over: () => void): void {
    this.#crashes.set(name, { request, how, over })
  }

  fateOfRequest({ name: process }: SimulatedProcess): 'sent' | 'dies before' | 'dies after' {
    const name = serviceNames.find((each) => process.startsWith(`${each}-`))
    const crash = name && this.#crashes.get(name)
    return crash && --crash.request === 0 ? crash.how : 'sent'
  }

  die(process: SimulatedProcess): void {
    for (const name of serviceNames) {
      if (this.#running.get(name)?.process !== process) continue
      this.kill(name)
      this.#crashes.get(name)?.over()
      this.#crashes.delete(name)
    }
  }

  /** SIGKILL */
  kill(name: ServiceName, replica = ''): void {
    const id = `${name}${replica}`
    const running = this.#running.get(id)
    if (running === undefined) return
    running.process.alive = false
    this.#running.delete(id)
    this.api.forget(running.process)
    this.nats.drop(running.process)
  }

  /** SIGTERM: it ends by itself, or is killed after ten seconds. `over` is told. */
  terminate(name: ServiceName, over: () => void): void {
    const running = this.#running.get(name)
    if (running === undefined) return over()
    let ended = false
    const end = (): void => {
      if (ended) return
      ended = true
      // It may have died meanwhile, and another may be there.
      if (running.process.alive) this.kill(name)
      over()
    }
    running.stop().then(end, (error: unknown) => {
      this.mishaps.push(`${running.process.name} did not stop: ${String(error)}`)
      end()
    })
    asProcess(undefined, () =>
      setTimeout(() => {
        if (!ended && running.process.alive)
          this.mishaps.push(`${running.process.name} did not stop within 10 s`)
        end()
      }, 10_000),
    )
  }

  async #life(
    name: ServiceName,
    process: SimulatedProcess,
    signal: AbortSignal,
  ): Promise<AsyncDisposable | undefined> {
    const mishap = (error: unknown): void => {
      if (process.alive && !signal.aborted) this.mishaps.push(`${process.name} gave up: ${stackOf(error)}`)
    }
    const deps: ServiceDeps = {
      log: this.#logger(process),
      metrics: createMetrics({ processMetrics: false }),
      health: createHealth(),
      signal,
      report: mishap,
      fail: mishap,
    }
    try {
      if (name === 'watcher') return await startWatcher(this.#settings(watcherSettings), deps)
      if (name === 'dedupe') return await startDedupe(this.#settings(dedupeSettings), deps)
      return await startNotifier(this.#settings(notifierSettings), deps)
    } catch (error) {
      mishap(error)
      return undefined
    }
  }

  #settings<C extends object>(wanted: SettingsOf<C>): C {
    const openFile = () => ({ ok: false, problem: 'no files here' }) as const
    const read = readSettings<C>({ env: this.#environment, argv: [], openFile }, wanted)
    if (!read.ok) throw new Error(JSON.stringify(read.problems))
    return read.config
  }

  #logger(process: SimulatedProcess): Logger {
    const write =
      (level: string) =>
      (first: object | string, message = ''): void => {
        if (!process.alive) return
        const text = typeof first === 'string' ? first : `${message} ${JSON.stringify(first, plainError)}`
        this.log.push(`${(now() / 1_000).toFixed(3)} ${process.name} ${level} ${text}`)
      }
    const quiet = (): void => undefined
    return {
      debug: quiet,
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
      child: () => this.#logger(process),
    }
  }
}

const environment = {
  NATS_URL: 'nats://simulated:4222',
  SLACK_TOKEN: slackToken,
  SLACK_API_URL: 'https://slack.simulated/api/',
  KUBERNETES_SERVICE_HOST: 'kubernetes.simulated',
}

export const artifactoryLogin = 'hermod:canary-artifactory'

const cacheEnvironment = {
  ARTIFACTORY_URL: 'https://artifactory.simulated/hermod',
  ARTIFACTORY_LOGIN: artifactoryLogin,
}

function streamPlans(): Installation['streams'] {
  const metadata = { [partitionsMetadataKey]: String(partitions) }
  return [
    ...Object.values(streams).map(
      ({ name, subjects: [subject = ''], maxMessagesPerSubject: most, duplicateWindowMs }) => ({
        name,
        prefix: subject.replace(/>$/, ''),
        mostPerSubject: most < 0 ? Number.POSITIVE_INFINITY : most,
        windowMs: duplicateWindowMs,
        metadata,
      }),
    ),
    ...Object.values(buckets).map(({ name }) => ({
      name: `KV_${name}`,
      prefix: `$KV.${name}.`,
      mostPerSubject: 1,
      windowMs: 120_000,
      metadata: {},
    })),
  ]
}

function consumerPlans(hasCache: boolean): Installation['consumers'] {
  return consumersFor(partitions)
    .filter(({ name }) => hasCache || name !== 'cache')
    .map(({ name, stream, filterSubject, ackWaitMs, maxAckPending }) => ({
      name,
      stream,
      filter: matcher(filterSubject),
      ackWaitMs,
      mostPending: maxAckPending,
    }))
}

const withoutCache: Installation = { streams: streamPlans(), consumers: consumerPlans(false) }
const withCache: Installation = { streams: streamPlans(), consumers: consumerPlans(true) }

function plainError(_: string, value: unknown): unknown {
  return value instanceof Error ? value.message : value
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
