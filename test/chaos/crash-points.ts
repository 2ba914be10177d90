/**
 * Owns a sweep over the crash points of the whole pipeline: each service dies at every request that it makes for one
 * rollout, before the request is forwarded and with its reply held, and is started again.
 *
 * 1. The points are not listed: request 1, 2, 3, … until a rollout ends without its service having made that many.
 * 2. Each point has a rollout of its own, which fails first and comes up after all: a start, a bad word with its
 *    broadcast, and an end.
 * 3. Pipelines stand side by side on one cluster, each with a namespace of its own, and share the points.
 */
import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { eventually, noBudgets, recordDeployments, type SlackCall } from '@hermod/testkit'
import { bundlePrograms } from '../images/as-shipped.ts'
import { readAttempts } from '../oracle/api-history.ts'
import { judge } from '../oracle/judge.ts'
import { readSlackLog, type SeenCard } from '../oracle/slack-log.ts'
import { freePorts } from '../pipeline/free-ports.ts'
import { type Cluster, type Pipeline, startCluster, startPipeline } from '../pipeline/pipeline.ts'
import { type ServiceName, serviceNames } from '../pipeline/service-process.ts'
import { type CrashProxy, startCrashProxy } from './crash-proxy.ts'
import { historyOf } from './history.ts'
import { planOf, standingTag } from './played-rollouts.ts'

/** Whose requests, and to whom. */
export type Door = `${ServiceName} → NATS` | 'notifier → Slack'

export interface CrashPoint {
  readonly door: Door
  readonly request: number
  readonly how: 'before' | 'after'
}

export interface Swept {
  readonly points: readonly CrashPoint[]
  readonly problems: readonly string[]
}

const victims: Readonly<Record<Door, ServiceName>> = {
  'watcher → NATS': 'watcher',
  'dedupe → NATS': 'dedupe',
  'notifier → NATS': 'notifier',
  'notifier → Slack': 'notifier',
}

/** Fails after 2 s and comes up after 4. */
const played = { outcome: 'comes-4000', progressDeadlineSeconds: 2 }
/**
 * Slack's rates are not what is tested here. And a post of unknown outcome is looked for only when its sender cannot be
 * sending any more: who is killed more often than that would never get to it.
 */
const unhurried = { SLACK_EDITS_PER_MINUTE: '600', SLACK_READBACK_WAIT: '500ms', SLACK_TIMEOUT: '1s' }
const toldWithinMs = 90_000
/** Of two rollouts one may need a request more than the other. */
const missesAtEnd = 2
/** What is right stays right. */
const stillForMs = 3_000

/** The next points of each service, handed to whoever has time. */
class Points {
  readonly #next = new Map<string, number>()
  readonly #missed = new Map<string, number>()

  take(victim: ServiceName): CrashPoint | undefined {
    for (const door of Object.keys(victims) as Door[])
      for (const how of ['before', 'after'] as const) {
        const series = `${door} ${how}`
        if (victims[door] !== victim || (this.#missed.get(series) ?? 0) >= missesAtEnd) continue
        const request = (this.#next.get(series) ?? 0) + 1
        this.#next.set(series, request)
        return { door, request, how }
      }
    return undefined
  }

  miss({ door, how }: CrashPoint): void {
    const series = `${door} ${how}`
    this.#missed.set(series, (this.#missed.get(series) ?? 0) + 1)
  }
}

interface Bench {
  readonly cluster: Cluster
  readonly pipeline: Pipeline
  readonly namespace: string
  readonly proxies: Readonly<Record<ServiceName, CrashProxy>>
}

export async function sweepCrashPoints(side: number, tell: (line: string) => void): Promise<Swept> {
  await using stack = new AsyncDisposableStack()
  const cluster = stack.use(await startCluster(planOf))
  const record = stack.use(await recordDeployments(cluster.controlPlane))
  const bundles = stack.use(await bundlePrograms()).path
  const benches: Bench[] = []
  for (let index = 0; index < side; index++) {
    const namespace = `points-${index}`
    await cluster.operator.createNamespace(namespace, namespace)
    for (const name of serviceNames)
      await cluster.operator.create({ namespace, name: nameOf(name), tag: standingTag })
    benches.push(await startBench({ cluster, bundles, namespace }, stack))
  }
  const sinceMs = performance.now()
  const points = new Points()
  const reached: CrashPoint[] = []
  const problems: string[] = []
  const sweep = async (bench: Bench, victim: ServiceName): Promise<void> => {
    for (let point = points.take(victim); point; point = points.take(victim)) {
      const { sprung, problem } = await playPoint(bench, point)
      tell(`${describe(point)}: ${sprung ? (problem ?? 'told once') : 'no such request'}`)
      if (problem !== undefined) problems.push(`${describe(point)}: ${problem}`)
      if (sprung) reached.push(point)
      else points.miss(point)
    }
  }
  await Promise.all(benches.flatMap((bench) => serviceNames.map((victim) => sweep(bench, victim))))
  await delay(stillForMs)
  const log = readSlackLog(
    benches.flatMap(({ pipeline: { slack }, namespace }) => slack.messages(namespace)),
    performance.timeOrigin,
  )
  const attempts = readAttempts(historyOf(record), performance.now())
  for (const { kind, what } of judge({ attempts, log, sinceMs, blind: [] })) problems.push(`${kind}: ${what}`)
  return { points: reached, problems }
}

async function startBench(
  { cluster, bundles, namespace }: { cluster: Cluster; bundles: string; namespace: string },
  stack: AsyncDisposableStack,
): Promise<Bench> {
  const [port = 0] = await freePorts(1)
  const proxies = {
    watcher: stack.use(await startCrashProxy(port)),
    dedupe: stack.use(await startCrashProxy(port)),
    notifier: stack.use(await startCrashProxy(port)),
  }
  const through = (name: ServiceName): Record<string, string> => ({
    NATS_URL: `nats://${proxies[name].address}`,
  })
  const pipeline = stack.use(
    await startPipeline({
      cluster,
      bundles,
      nats: { port },
      slack: { channels: [namespace], budgets: noBudgets },
      settings: {
        watcher: { ...through('watcher'), ANNOTATED_NAMESPACES: 'false', NAMESPACES: namespace },
        dedupe: through('dedupe'),
        notifier: { ...through('notifier'), ...unhurried },
      },
    }),
  )
  return { cluster, pipeline, namespace, proxies }
}

async function playPoint(
  { cluster, pipeline, namespace, proxies }: Bench,
  { door, request, how }: CrashPoint,
): Promise<{ readonly sprung: boolean; readonly problem?: string }> {
  const victim = victims[door]
  const service = pipeline.services[victim]
  const name = nameOf(victim)
  const { operator } = cluster
  const { slack } = pipeline
  using stack = new DisposableStack()
  let isSprung: () => boolean
  if (door === 'notifier → Slack') {
    let seen = 0
    const when = ({ args }: SlackCall): boolean => JSON.stringify(args).includes(name) && ++seen === request
    // It waits for its answer until it is killed below.
    const trap = stack.use(slack.inject({ kind: 'hang', effect: how === 'after' }, { times: 1, when }))
    isSprung = () => trap.hits > 0
  } else {
    const marks = [name, await operator.uidOf(namespace, name)]
    const kill = (): void => void service.kill()
    const trap = stack.use(proxies[victim].set({ marks, request, how, kill }))
    isSprung = () => trap.sprung
  }
  const to = door.endsWith('Slack') ? 'slack' : 'nats'
  const { metadata } = await operator.setTag(namespace, name, `${to}${how}${request}-${played.outcome}`, {
    progressDeadlineSeconds: played.progressDeadlineSeconds,
  })
  const cards = (): readonly SeenCard[] =>
    readSlackLog(slack.messages(namespace), performance.timeOrigin).cards.filter(
      ({ uid, generation }) => uid === metadata.uid && generation === metadata.generation,
    )
  let isBack = false
  const comeBack = async (): Promise<void> => {
    if (!isSprung() || isBack) return
    isBack = true
    await service.kill()
    await service.restart()
  }
  try {
    await eventually(
      async () => {
        await comeBack()
        await operator.checkComplete(namespace, name)
        const isTold = cards().some(({ states }) => states.at(-1)?.word.startsWith('live'))
        assert.ok(isTold, `not told: ${JSON.stringify(cards())}\n${service.log}`)
      },
      { timeoutMs: toldWithinMs, everyMs: 25 },
    )
  } catch (error) {
    const passed = proxies[victim].recent.join('\n')
    return { sprung: isSprung(), problem: `${String(error)}\n${passed}` }
  }
  stack.dispose()
  // Its last request may have come after all was told.
  await comeBack()
  return { sprung: isSprung() }
}

function nameOf(victim: ServiceName): string {
  return `dies-${victim}`
}

function describe({ door, request, how }: CrashPoint): string {
  return `${door}, request ${request}, killed ${how === 'before' ? 'before it is forwarded' : 'with its reply held'}`
}
