// Owns the one connection of a process to NATS.
// C1. It never gives up: a server that is not there, is frozen or refuses us is dialled for as long as it takes.
// C2. `link` is aborted the moment the connection is lost: a request cut off by it has an unknown outcome.
// C3. A wait is said once and then once a minute, never at each dial.
// C4. Disposing drains; a server that does not answer cannot hold it longer than 2 s.
import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream'
import {
  type ConnectionOptions,
  connect,
  createInbox,
  errors,
  type NatsConnection,
  type Status,
  type TlsOptions,
} from '@nats-io/transport-node'
import { authenticatorOf, type Credentials } from './credentials.ts'
import { LinkLost, permissionViolation } from './failure.ts'
import type { Log, Report } from './log.ts'
import { pause, unlessAborted } from './pause.ts'
import { Speaker } from './speaker.ts'

export interface ConnectOptions {
  /** `nats://host:4222` or `tls://…`, any number of them. */
  readonly servers: readonly string[]
  /** Shown in the server's connection list. */
  readonly name: string
  /** Names this user's own inbox, `_INBOX_<user>`, the only one that its rights let it read. */
  readonly user?: string
  /** Asked again at each dial. */
  readonly credentials?: () => Credentials
  /** Paths of PEM files, read again at each dial. */
  readonly tls?: { readonly caFile?: string; readonly certFile?: string; readonly keyFile?: string }
  readonly log: Log
  /** Ends the wait for the first connection; it rejects with the signal's reason. */
  readonly signal?: AbortSignal
  readonly report?: Report
  /** A frozen server is noticed after three of these; 8 s by default. */
  readonly pingIntervalMs?: number
}

export interface JetStreamConnection extends AsyncDisposable {
  readonly connected: boolean
  /** Aborted, with LinkLost as its reason, when the present connection is lost; a new one after a reconnect. */
  readonly link: AbortSignal
  /** Resolves while connected; rejects when `signal` is aborted or the connection is disposed of. */
  whenConnected(signal?: AbortSignal): Promise<void>
  /** A reply subject that this user alone may read. */
  newInbox(): string
  /** For this package alone. */
  readonly nats: NatsConnection
  readonly jetstream: JetStreamClient
  readonly manager: JetStreamManager
}

const requestTimeoutMs = 2_000
const drainTimeoutMs = 1_000

/**
 * Connects, and stays connected until it is disposed of. Throws at once only for options that can never work
 * (a malformed URL); everything else is waited for.
 */
export async function connectJetStream(options: ConnectOptions): Promise<JetStreamConnection> {
  const speaker = new Speaker('nats', options.log, options.report)
  const nats = await dialUntilConnected(options, speaker)
  // The check of the account would need a right of its own and proves nothing that a request does not.
  const manager = await jetstreamManager(nats, { checkAPI: false, timeout: requestTimeoutMs })
  return new Connection(nats, manager, options, speaker)
}

async function dialUntilConnected(options: ConnectOptions, speaker: Speaker): Promise<NatsConnection> {
  const natsOptions = optionsForNats(options, speaker)
  for (;;) {
    options.signal?.throwIfAborted()
    const dial = connect(natsOptions)
    try {
      const nats = await unlessAborted(dial, options.signal)
      speaker.clear()
      return nats
    } catch (error) {
      if (options.signal?.aborted) dial.then((late) => late.close()).catch(() => undefined)
      options.signal?.throwIfAborted()
      if (error instanceof TypeError) throw error
      speaker.say(`waiting for NATS at ${withoutPasswords(options.servers)}: ${describe(error)}`)
    }
    await pause(250 + 200 * Math.random(), options.signal)
  }
}

function optionsForNats(options: ConnectOptions, speaker: Speaker): ConnectionOptions {
  const { servers, name, credentials } = options
  return {
    servers: [...servers],
    name,
    inboxPrefix: inboxPrefixOf(options),
    ...(credentials && {
      authenticator: authenticatorOf(credentials, (error) =>
        speaker.say(`the credentials for NATS cannot be used: ${describe(error)}`),
      ),
    }),
    ...tlsOptions(options),
    timeout: 5_000,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 150,
    reconnectJitter: 100,
    reconnectJitterTLS: 1_000,
    // Without it two refusals in a row, as while a password rotates, close the connection for good.
    ignoreAuthErrorAbort: true,
    pingInterval: options.pingIntervalMs ?? 8_000,
    maxPingOut: 2,
    noAsyncTraces: true,
  }
}

function inboxPrefixOf({ user }: ConnectOptions): string {
  if (user === undefined) return '_INBOX'
  if (/^[A-Za-z0-9_-]+$/.test(user)) return `_INBOX_${user}`
  throw new TypeError(
    `the NATS user ${JSON.stringify(user)} cannot name an inbox: use letters, digits, - and _`,
  )
}

// With the option set the client refuses to speak in clear, whatever the server offers.
function tlsOptions({ tls, servers }: ConnectOptions): { tls?: TlsOptions } {
  if (!tls && !servers.some((server) => server.startsWith('tls://'))) return {}
  return { tls: { ...tls } }
}

class Connection implements JetStreamConnection {
  readonly nats: NatsConnection
  readonly jetstream: JetStreamClient
  readonly manager: JetStreamManager
  readonly #log: Log
  readonly #speaker: Speaker
  readonly #inboxPrefix: string
  #link = new AbortController()
  #connected = true
  #back = Promise.withResolvers<void>()
  readonly #disposed = new AbortController()

  constructor(nats: NatsConnection, manager: JetStreamManager, options: ConnectOptions, speaker: Speaker) {
    const { log } = options
    this.nats = nats
    this.#inboxPrefix = inboxPrefixOf(options)
    this.manager = manager
    this.jetstream = jetstream(nats, { timeout: requestTimeoutMs })
    this.#log = log
    this.#speaker = speaker
    this.#back.resolve()
    log.info({ server: nats.getServer(), version: nats.info?.version }, 'connected to NATS')
    void this.#follow()
  }

  get connected(): boolean {
    return this.#connected
  }

  get link(): AbortSignal {
    return this.#link.signal
  }

  newInbox(): string {
    return createInbox(this.#inboxPrefix)
  }

  async whenConnected(signal?: AbortSignal): Promise<void> {
    await unlessAborted(this.#back.promise, signal, this.#disposed.signal)
  }

  async #follow(): Promise<void> {
    for await (const status of this.nats.status()) this.#take(status)
    this.#lose()
  }

  #take(status: Status): void {
    switch (status.type) {
      case 'disconnect':
        this.#lose()
        this.#speaker.say(`connection to NATS at ${status.server} lost, dialling`)
        return
      case 'reconnect':
        this.#connected = true
        this.#link = new AbortController()
        this.#back.resolve()
        this.#speaker.clear()
        this.#log.info({ server: status.server }, 'connected to NATS again')
        return
      case 'error': {
        const denied = permissionViolation(status.error)
        if (denied) this.#log.error({ denied }, `NATS forbids to ${denied}: grant it to this user`)
        else this.#speaker.say(`NATS: ${describe(status.error)}`)
        return
      }
      default:
        this.#log.debug({ status: status.type }, 'NATS connection status')
    }
  }

  #lose(): void {
    if (!this.#connected) return
    this.#connected = false
    this.#back = Promise.withResolvers<void>()
    this.#link.abort(new LinkLost('the connection to NATS was lost'))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const timeout = new AbortController()
    const drained = this.#connected ? this.nats.drain().catch(() => undefined) : Promise.resolve()
    await Promise.race([drained, pause(drainTimeoutMs, timeout.signal).catch(() => undefined)])
    timeout.abort()
    this.#disposed.abort(new errors.ClosedConnectionError())
    await this.nats.close()
  }
}

function withoutPasswords(servers: readonly string[]): string {
  return servers.map((server) => server.replace(/\/\/.*@/, '//')).join(', ')
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error)
}
