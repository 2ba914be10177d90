// Owns the process `hermod-provision`: once, or again every so often beside a NATS that may lose its streams.
// What must not be changed ends it at the first round (exit code 2); later it is told and the rest goes on.
import { defaultPartitions } from '@hermod/contracts'
import { type ServiceDeps, type SettingsOf, setting } from '@hermod/runtime'
import { connectJetStream, type JetStreamConnection } from './connect.ts'
import { type NatsConfig, natsConnectOptions, natsSettings } from './nats-settings.ts'
import { pause } from './pause.ts'
import { type ProvisionReport, provision } from './provision.ts'
import { provisionTeller } from './provision-teller.ts'

export interface ProvisionConfig extends NatsConfig {
  readonly partitions: number
  readonly replicas: number
  readonly readers: readonly string[]
  /** Undefined: once. */
  readonly everyMs: number | undefined
}

export const provisionSettings: SettingsOf<ProvisionConfig> = {
  ...natsSettings,
  partitions: setting.integer({
    variable: 'PARTITIONS',
    default: defaultPartitions,
    min: 1,
    max: 256,
    about: 'how many partitions a new installation gets; never changes afterwards',
  }),
  replicas: setting.integer({
    variable: 'NATS_REPLICAS',
    default: 1,
    min: 1,
    max: 5,
    about: 'copies of each stream: 1 on a single server, 3 on a cluster',
  }),
  readers: setting.words({
    variable: 'READERS',
    default: ['reader'],
    about: 'other programs that follow ROLLOUTS: each gets a durable consumer of this name',
  }),
  everyMs: setting.duration({
    flag: 'every',
    variable: 'PROVISION_EVERY',
    optional: true,
    minMs: 1_000,
    about: 'how often to look again; once only if not set',
  }),
}

/** Resolves to nothing after the only round, else to what looks again until it is disposed of. */
export async function startProvision(
  config: ProvisionConfig,
  deps: ServiceDeps,
): Promise<AsyncDisposable | undefined> {
  const { log, health, signal, fail } = deps
  const connection = await connectJetStream({
    ...natsConnectOptions(config),
    name: 'hermod-provision',
    log,
    signal,
    report: (part, obstacle) => {
      health.set(part, obstacle === undefined ? { ok: true } : { ok: false, detail: obstacle })
    },
  })
  const { partitions, replicas, readers, everyMs } = config
  const tell = provisionTeller(deps)
  const round = async (): Promise<ProvisionReport> => {
    const report = await provision(connection, { partitions, replicas, readers, signal })
    tell(report)
    return report
  }
  const { refused } = await round()
  if (refused.length > 0 || everyMs === undefined) {
    await connection[Symbol.asyncDispose]()
    if (refused.length > 0) throw new ProvisionRefused(refused)
    return undefined
  }
  const repeating = repeat(round, everyMs, signal).catch((error: unknown) => {
    if (!signal.aborted) fail(error)
  })
  return stopped(repeating, connection)
}

async function repeat(round: () => Promise<unknown>, everyMs: number, signal: AbortSignal): Promise<never> {
  for (;;) {
    await pause(everyMs, signal)
    await round()
  }
}

function stopped(repeating: Promise<void>, connection: JetStreamConnection): AsyncDisposable {
  return {
    async [Symbol.asyncDispose]() {
      await repeating
      await connection[Symbol.asyncDispose]()
    },
  }
}

/** Ends the process with exit code 2. */
class ProvisionRefused extends Error {
  override name = 'ProvisionRefused'
  readonly remedy =
    'set it back; or, if the new value is meant, let the consumers drain, delete the stream and provision anew'

  constructor(refused: readonly string[]) {
    super(`NATS is not what this installation needs: ${refused.join('; ')}`)
  }
}
