// Owns how a command, which a person waits for, uses NATS.
// R1. Nothing is waited for longer than a few seconds; then it is said what was waited for and what helps.
// R2. What waiting cannot mend, a refused user or a stream that is not there, is said at once.
import { JetStreamApiError } from '@nats-io/jetstream'
import { connectJetStream, type JetStreamConnection } from './connect.ts'
import { keepTrying } from './keep-trying.ts'
import type { Report } from './log.ts'
import { type NatsConfig, natsConnectOptions } from './nats-settings.ts'
import { unlessAborted } from './pause.ts'

/** NATS cannot be used as it is; the remedy is for the person who waits. */
export class OutOfReach extends Error {
  override name = 'OutOfReach'
  readonly remedy: string

  constructor(message: string, remedy: string) {
    super(message)
    this.remedy = remedy
  }
}

export interface Reach extends AsyncDisposable {
  readonly connection: JetStreamConnection
  /** For whatever wants to be told an obstacle. */
  readonly report: Report
  /** One piece of work, which may take a few seconds. Throws OutOfReach when it did not come to its end. */
  within<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T>
  /** One request, tried for a few seconds. */
  ask<T>(request: () => Promise<T>): Promise<T>
}

export interface ReachOptions {
  /** Shown in the server's connection list. */
  readonly name: string
  readonly signal?: AbortSignal
  readonly withinMs?: number
}

/** Connects, or throws OutOfReach. */
export async function reachNats(config: NatsConfig, options: ReachOptions): Promise<Reach> {
  const { name, signal, withinMs = 10_000 } = options
  let obstacle: string | undefined
  let hopeless = new AbortController()
  let nobodySince: number | undefined
  const report: Report = (_, detail) => {
    obstacle = detail ?? obstacle
    if (isRefusal(detail ?? '')) hopeless.abort()
    // A server that is just restarting is given a moment, a slow one all the time there is.
    if (!isNobodyThere(detail ?? '')) nobodySince = undefined
    else if (performance.now() - (nobodySince ??= performance.now()) > nobodyPatienceMs) hopeless.abort()
  }
  // What NATS forbids is told to the log alone.
  const log = {
    debug: ignore,
    info: ignore,
    warn: ignore,
    error: (_: object, text: string) => report('', text),
  }
  const within: Reach['within'] = async (work) => {
    obstacle = undefined
    hopeless = new AbortController()
    const late = AbortSignal.any([AbortSignal.timeout(withinMs), hopeless.signal])
    try {
      const over = signal ? AbortSignal.any([signal, late]) : late
      return await unlessAborted(work(over), over)
    } catch (error) {
      if (error instanceof JetStreamApiError)
        throw new OutOfReach(`NATS says "${error.message}"`, provisionIt)
      if (signal?.aborted || !late.aborted) throw error
      throw new OutOfReach(endOf(obstacle ?? 'NATS does not answer'), remedyFor(obstacle ?? ''))
    }
  }
  const connection = await within(
    async (late) =>
      await connectJetStream({ ...natsConnectOptions(config), name, log, report, signal: late }),
  )
  return {
    connection,
    report,
    within,
    ask: async (request) =>
      await within(async (late) => {
        const trying = { signal: late, onObstacle: (each: string | undefined) => report('', each) }
        const answer = await keepTrying(connection, () => answered(request), trying)
        if ('refused' in answer) throw answer.refused
        return answer.value
      }),
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  }
}

type Answered<T> = { readonly value: T } | { readonly refused: JetStreamApiError }

async function answered<T>(request: () => Promise<T>): Promise<Answered<T>> {
  try {
    return { value: await request() }
  } catch (error) {
    if (error instanceof JetStreamApiError && error.status !== 503) return { refused: error }
    throw error
  }
}

const provisionIt = 'run hermod-provision, or wait until NATS has a leader'

const nobodyPatienceMs = 1_500

function isNobodyThere(obstacle: string): boolean {
  return /refused|ENOTFOUND|EAI_AGAIN/i.test(obstacle)
}

function isRefusal(obstacle: string): boolean {
  return /authoriz|authentic|credential|forbids/i.test(obstacle)
}

// An obstacle is worded for a service, which waits for as long as it takes.
function endOf(obstacle: string): string {
  return obstacle.replace(/^waiting for /, 'no way to ').replace(/: grant it to this user$/, '')
}

function remedyFor(obstacle: string): string {
  if (obstacle.includes('forbids'))
    return 'use a user that may, or give it this right in the configuration of NATS'
  if (isRefusal(obstacle)) return 'check NATS_USER and its password, nkey seed or creds'
  if (obstacle.includes('no stream takes it')) return provisionIt
  return 'check NATS_URL, and that the server runs and may be reached from here'
}

function ignore(): void {}
