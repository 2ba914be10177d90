// Owns the part of dedupe that there is only with ARTIFACTORY_URL.
import { buckets, decodeEvent, parseTransition, streams } from '@hermod/contracts'
import {
  consume,
  holdLease,
  type JetStreamConnection,
  openBucket,
  type Publisher,
  type Report,
  type Term,
} from '@hermod/jetstream'
import { type Counter, ended, type Health, type Logger, type Metrics } from '@hermod/runtime'
import { createArtifactoryClient } from './artifactory-client.ts'
import { awaitReceipt } from './await-receipt.ts'
import { cacheFailures } from './cache-metrics.ts'
import { type CacheWriterOptions, createCacheWriter } from './cache-writer.ts'
import { type CachedTemplates, openCachedTemplates } from './cached-templates.ts'
import type { CacheConfig } from './config.ts'
import { overwriteProblem } from './overwrite-problem.ts'
import { openSpecStore, type SpecStore } from './spec-store.ts'
import { parseStored } from './stored-rollout.ts'

export interface Cache extends AsyncDisposable {
  readonly templates: CachedTemplates
  readonly specs: SpecStore
}

export interface CacheDeps {
  readonly connection: JetStreamConnection
  readonly publisher: Publisher
  readonly partitions: number
  readonly log: Logger
  readonly health: Health
  readonly metrics: Metrics
  readonly report: Report
  readonly onFault: (error: unknown) => void
}

// So many transitions may wait for Slack, or for their PUT, at once; those of one namespace share it.
const concurrency = 16

export function serveCache(config: CacheConfig, deps: CacheDeps): Cache {
  const { connection, publisher, partitions, log, health, metrics, report, onFault } = deps
  const client = createArtifactoryClient(config)
  const failures = cacheFailures(metrics)
  const troubleTo = (to: 'read' | 'write'): OnTrouble =>
    troubleTeller(to, failures.with({ to }), { log, health })
  const onTrouble = troubleTo('write')
  const specs = openSpecStore({ connection, bucket: buckets.specs.name, report })
  const states = openBucket({ connection, bucket: buckets.rollouts.name, parse: parseStored, report })
  const untilTold: CacheWriterOptions['untilTold'] = async (transition, publishedMs, signal) =>
    await awaitReceipt(transition, publishedMs, { connection, partitions }, signal)
  const shared = { ...config, client, specs, states, partitions, onTrouble, untilTold }

  const run = async (term: Term): Promise<void> => {
    onTrouble(await overwriteProblem(client, config.ownNamespace, term.signal))
    const writer = createCacheWriter(shared)
    await using _reader = consume({
      connection,
      stream: streams.rollouts.name,
      consumers: ['cache'],
      service: 'dedupe',
      decode: (body) => decodeEvent(new TextDecoder().decode(body), parseTransition),
      handle: async ({ data }, { streamTimestampMs }, graceOver) =>
        await writer.take(data, streamTimestampMs, term, graceOver),
      publisher,
      log,
      report,
      onFault,
      concurrency,
    })
    await ended(term.signal)
  }
  const lease = holdLease({ connection, key: 'cache', log, run })
  return {
    templates: openCachedTemplates({
      ...shared,
      link: () => connection.link,
      onTrouble: troubleTo('read'),
    }),
    specs,
    [Symbol.asyncDispose]: () => lease[Symbol.asyncDispose](),
  }
}

type OnTrouble = (reason: string | undefined) => void

// The cache is a second memory: without it everything goes on.
function troubleTeller(
  to: string,
  failures: Counter,
  { log, health }: Pick<CacheDeps, 'log' | 'health'>,
): OnTrouble {
  let said: string | undefined
  return (reason) => {
    if (reason !== undefined) failures.inc()
    if (reason === said) return
    said = reason
    health.set(`cache ${to}`, reason === undefined ? { ok: true } : { ok: true, detail: reason })
    if (reason === undefined) log.info({ to }, 'the cache in Artifactory is in use again')
    else log.warn({ to, reason }, 'the cache in Artifactory cannot be used: going on without it')
  }
}
