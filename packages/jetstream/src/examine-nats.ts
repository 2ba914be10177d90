// Owns what a doctor finds out about NATS, with the rights of the process that it speaks for.
import { buckets, partitionsMetadataKey, streams } from '@hermod/contracts'
import type { Finding } from '@hermod/runtime'
import type { StreamInfo } from '@nats-io/jetstream'
import { describeDifference, streamDrift } from './drift.ts'
import type { NatsConfig } from './nats-settings.ts'
import { OutOfReach, type Reach, reachNats } from './reach.ts'
import { isAtLeast, oldestServer } from './server-version.ts'
import { bucketConfig, streamConfig, type WantedStream } from './stream-config.ts'
import { alertingFill, describeFill, streamFill } from './stream-fill.ts'

export interface NatsExamination {
  /** Names of streams and buckets (`KV_…`) whose state this user may ask for; every one if absent. */
  readonly streams?: readonly string[]
  readonly signal: AbortSignal
  /** Goes on with what rests on NATS. */
  readonly onwards?: (reach: Reach) => AsyncIterable<Finding>
}

/** Whether NATS is there, knows us, and has what we need of it as we need it. */
export async function* examineNats(
  config: NatsConfig,
  { streams: names = allStreams(), signal, onwards }: NatsExamination,
): AsyncGenerator<Finding> {
  try {
    await using reach = await reachNats(config, { name: 'hermod-doctor', signal })
    yield serverFinding(reach)
    for (const name of names) yield await streamFinding(reach, name)
    if (onwards) yield* onwards(reach)
  } catch (error) {
    if (!(error instanceof OutOfReach)) throw error
    yield { about: 'NATS', state: 'problem', detail: error.message, remedy: error.remedy }
  }
}

/** Whether a single server flushes to disk before it acknowledges; told by its monitoring port alone. */
export async function fsyncFinding(monitor: string, signal: AbortSignal): Promise<Finding> {
  const about = 'NATS fsync'
  try {
    const late = AbortSignal.any([signal, AbortSignal.timeout(10_000)])
    const answer: unknown = await (await fetch(new URL('/varz', monitor), { signal: late })).json()
    const { config = {} } = (answer as { jetstream?: { config?: { sync_always?: boolean } } }).jetstream ?? {}
    const clustered = (answer as { cluster?: { urls?: readonly string[] } }).cluster?.urls?.length ?? 0
    if (config.sync_always === true)
      return { about, state: 'ok', detail: 'what is acknowledged is on the disk' }
    if (clustered > 1)
      return { about, state: 'ok', detail: 'other servers hold a copy of what is acknowledged' }
    return {
      about,
      state: 'problem',
      detail: 'a power cut takes what was acknowledged in the last minutes, or a whole stream',
      remedy: 'set `sync_interval: always` in the jetstream block of nats.conf',
    }
  } catch {
    return {
      about,
      state: 'unclear',
      detail: `the monitoring port does not answer at ${monitor}`,
      remedy: 'give its address: --nats-monitor http://HOST:8222',
    }
  }
}

/** Where the monitoring port usually is. */
export function usualMonitor({ natsUrls }: Pick<NatsConfig, 'natsUrls'>): string {
  return `http://${new URL(natsUrls[0] ?? 'nats://127.0.0.1').hostname}:8222`
}

function serverFinding({ connection }: Reach): Finding {
  const { version = '' } = connection.nats.info ?? {}
  const detail = `${connection.nats.getServer()} runs nats-server ${version}`
  if (isAtLeast(version, oldestServer)) return { about: 'NATS', state: 'ok', detail }
  return { about: 'NATS', state: 'problem', detail, remedy: `upgrade it to ${oldestServer} or newer` }
}

async function streamFinding(reach: Reach, name: string): Promise<Finding> {
  const about = name.startsWith('KV_') ? `bucket ${name.slice(3)}` : `stream ${name}`
  try {
    const info = await reach.ask(() => reach.connection.manager.streams.info(name))
    const finding = judged(about, info)
    return finding.state === 'ok' && streamFill(info) > alertingFill
      ? fullFinding(about, await reach.ask(() => bySubject(reach, name)))
      : finding
  } catch (error) {
    if (!(error instanceof OutOfReach)) throw error
    return { about, state: 'problem', detail: error.message, remedy: error.remedy }
  }
}

function judged(about: string, info: StreamInfo): Finding {
  const { config, state } = info
  const wanted = wantedOf(config)
  const partitions = Number(config.metadata?.[partitionsMetadataKey])
  const drift = wanted ? streamDrift(wanted, config) : ({ kind: 'none' } as const)
  if (drift.kind !== 'none') {
    const detail = drift.differences.map(describeDifference).join('; ')
    const remedy =
      drift.kind === 'repair'
        ? 'run hermod-provision, which mends it'
        : 'set it back; or let the consumers drain, delete the stream and provision anew'
    return { about, state: 'problem', detail, remedy }
  }
  const parted = Number.isSafeInteger(partitions) ? `, ${partitions} partitions` : ''
  const copies = config.num_replicas === 1 ? 'one copy' : `${config.num_replicas} copies`
  const fill = describeFill(streamFill(info))
  return { about, state: 'ok', detail: `messages: ${state.messages}, ${fill}, ${copies}${parted}` }
}

async function bySubject(reach: Reach, name: string): Promise<StreamInfo> {
  return await reach.connection.manager.streams.info(name, { subjects_filter: '>' })
}

/** The three subjects that have the most messages, of those that have several. */
export function most(subjects: Readonly<Record<string, number>> = {}): string {
  return Object.entries(subjects)
    .filter(([, count]) => count > 1)
    .toSorted(([, one], [, other]) => other - one)
    .slice(0, 3)
    .map(([subject, count]) => `${count} of ${subject}`)
    .join(', ')
}

function fullFinding(about: string, info: StreamInfo): Finding {
  const named = most(info.state.subjects)
  return {
    about,
    state: 'problem',
    detail: `${describeFill(streamFill(info))}; a full stream refuses what is new${named && `; most of it: ${named}`}`,
    remedy:
      'let the watcher see less (NAMESPACES), or raise maxBytes in packages/contracts/src/streams.ts and provision with that',
  }
}

// What differs between installations is taken as it is; only its absence is a fault.
function wantedOf({
  name,
  num_replicas,
  metadata,
  allow_msg_ttl,
}: StreamInfo['config']): WantedStream | undefined {
  const partitions = Number(metadata?.[partitionsMetadataKey]) || 0
  const installation = { partitions, replicas: num_replicas, messageTtl: allow_msg_ttl === true, readers: [] }
  const stream = Object.values(streams).find((each) => each.name === name)
  if (stream) {
    const wanted = streamConfig(stream, installation)
    return stream.partitioned && partitions === 0
      ? { ...wanted, metadata: { [partitionsMetadataKey]: 'a number' } }
      : wanted
  }
  const bucket = Object.values(buckets).find((each) => `KV_${each.name}` === name)
  return bucket && bucketConfig(bucket, installation)
}

function allStreams(): readonly string[] {
  return [
    ...Object.values(streams).map(({ name }) => name),
    ...Object.values(buckets).map(({ name }) => `KV_${name}`),
  ]
}
