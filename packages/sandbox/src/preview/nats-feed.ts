/**
 * Owns one plain subscription to what Hermod says over NATS: no consumer, no ack, nothing but a reader's rights.
 *
 * 1. NATS may be away, at the start or later: the feed is silent then and goes on by itself.
 * 2. What it cannot read is left out: a newer Hermod is no reason to show nothing at all.
 */
import { decodeEvent, parseJson, parseRolloutState, parseTransition, subjectsOf } from '@hermod/contracts'
import { type ConnectOptions, connectJetStream, type JetStreamConnection } from '@hermod/jetstream'
import { boardRollout, isAnnounced } from './board.ts'
import type { BoardRollout, ShownTransition } from './preview-state.ts'

/** Where NATS is, and as whom. */
export type NatsSource = Pick<ConnectOptions, 'servers' | 'user' | 'credentials' | 'tls'>

export interface NatsListener {
  readonly state: (rollout: BoardRollout) => void
  /** `rolloutKey` is `<uid>.<attempt>`. Needs the right to `hermod.rollout.>`, which a reader has not. */
  readonly transition?: (rolloutKey: string, transition: ShownTransition) => void
}

const silent = (): void => undefined
const log = { debug: silent, info: silent, warn: silent, error: silent }

export function followNats(source: NatsSource, listener: NatsListener): AsyncDisposable {
  const stopping = new AbortController()
  const following = follow(source, listener, stopping.signal)
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await following
    },
  }
}

async function follow(source: NatsSource, listener: NatsListener, signal: AbortSignal): Promise<void> {
  try {
    await using connection = await connectJetStream({ ...source, name: 'hermod-preview', log, signal })
    subscribe(connection, subjectsOf.states, (body) => {
      const state = parseJson(body, parseRolloutState)
      if (state.kind === 'ok' && isAnnounced(state.value)) listener.state(boardRollout(state.value))
    })
    const { transition } = listener
    if (transition)
      subscribe(connection, subjectsOf.rollouts, (body) => {
        const event = decodeEvent(body, parseTransition)
        if (event.kind !== 'ok') return
        const { kind, n, at, rollout } = event.value.data
        const { updated, wanted, available } = rollout.replicas
        const counts = `${updated} of ${wanted} updated, ${available} available`
        const { phase, reason, uid, attempt } = rollout
        transition(`${uid}.${attempt}`, { kind, n, at, phase, reason, counts })
      })
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

function subscribe({ nats }: JetStreamConnection, subject: string, take: (body: string) => void): void {
  nats.subscribe(subject, {
    // An empty body says that the key was removed.
    callback: (error, message) => void (error ?? (message.data.length > 0 && take(message.string()))),
  })
}
