// Owns the wiring of the notifier: what every instance has, and what only the holder of the lease runs.
import { streams } from '@hermod/contracts'
import {
  connectJetStream,
  createPublisher,
  holdLease,
  natsConnectOptions,
  readPartitions,
} from '@hermod/jetstream'
import type { ServiceDeps } from '@hermod/runtime'
import type { NotifierConfig } from './config.ts'
import type { Delivery } from './deliver-cards.ts'
import { openMemory } from './memory.ts'
import { createNotifierMetrics } from './notifier-metrics.ts'
import { createSlackClient } from './slack-client.ts'
import { runTerm } from './term.ts'
import { createTokenGate } from './token-gate.ts'

/** Runs until disposed of; any number may run, one of them sends. */
export async function startNotifier(config: NotifierConfig, deps: ServiceDeps): Promise<AsyncDisposable> {
  const { log, health, signal } = deps
  await using started = new AsyncDisposableStack()
  const report = (part: string, obstacle: string | undefined): void =>
    health.set(part, obstacle === undefined ? { ok: true } : { ok: false, detail: obstacle })
  const connection = started.use(
    await connectJetStream({ ...natsConnectOptions(config), name: 'hermod-notifier', log, report, signal }),
  )
  const trying = { signal, onObstacle: (obstacle: string | undefined) => report('streams', obstacle) }
  const partitions = await readPartitions(connection, streams.rollouts.name, trying)

  const token = (): string => config.slackToken.reveal()
  const proxy = { http: config.httpProxy, https: config.httpsProxy, no: config.noProxy }
  const slack = started.use(
    createSlackClient({ apiUrl: config.slackApiUrl, token, proxy, timeoutMs: config.slackTimeoutMs }),
  )
  const ending = new AbortController()
  started.defer(() => ending.abort())
  const gate = createTokenGate(slack, token, log, ending.signal)

  let delivery: Delivery | undefined
  const metrics = createNotifierMetrics(deps.metrics, {
    depth: () => delivery?.depth ?? 0,
    oldestSeconds: () => (delivery?.oldestMs ?? 0) / 1000,
    parkedChannels: () => delivery?.parked.length ?? 0,
    refusedChannels: () => delivery?.refused.length ?? 0,
  })
  health.check('slack', () => ({ ok: gate.obstacle === undefined, detail: gate.obstacle ?? 'answers' }))
  health.check('lease', () => ({ ok: true, detail: delivery ? 'this one sends' : 'standing by' }))
  health.check('channels', () => {
    const { parked = [], refused = [] } = delivery ?? {}
    return { ok: true, detail: [...parked, ...refused].slice(0, 20).join(', ') || 'all take cards' }
  })

  const { slackChannel: defaultChannels = [], slackFallbackChannel = defaultChannels } = config
  const { messageStyle: style, slackChannelsAllowed: channelsAllowed } = config
  const { linkTemplates, linkHostsAllowed, teamMentions } = config
  const term = {
    connection,
    publisher: createPublisher({ connection, log, report }),
    partitions,
    slack,
    memory: openMemory(connection, { report, signal: ending.signal }),
    gate,
    metrics,
    log,
    report,
    onFault: deps.report,
    settings: { style, linkTemplates, linkHostsAllowed, defaultChannels, channelsAllowed, teamMentions },
    fallbackChannel: slackFallbackChannel[0],
    editsPerMinute: config.slackEditsPerMinute,
    retentionMs: config.cardRetentionMs,
    readBackWaitMs: config.slackReadbackWaitMs,
    callTimeoutMs: config.slackTimeoutMs,
    onDelivery: (present: Delivery | undefined) => {
      delivery = present
    },
  }
  started.use(holdLease({ connection, key: 'notifier', log, run: async (held) => await runTerm(held, term) }))
  return started.move()
}
