/**
 * Another program that follows Hermod. It uses nothing but the published documents (../published) and a NATS client.
 *
 *   consumer.ts transitions                       every transition, none missed: the durable consumer `reader`
 *   consumer.ts states                            the newest state of each Deployment, live, at most once
 *   consumer.ts last CLUSTER NAMESPACE NAME       the last state of one Deployment, then ends
 *
 * NATS_URL, NATS_USER, NATS_PASSWORD: where, and as whom. PARTITIONS: as provisioned. One line of JSON a message.
 */
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect, type NatsConnection } from '@nats-io/transport-node'

/** The newest version of transitions and states that this program understands. */
const knownVersion = 1

interface State {
  readonly version: number
  readonly rollout: {
    readonly cluster: string
    readonly namespace: string
    readonly name: string
    readonly phase: string
    readonly reason: string
    readonly containers: readonly { readonly image: string }[]
  }
}

interface TransitionEvent {
  readonly id: string
  readonly data: State & { readonly kind: string }
}

function tell(what: string, { rollout }: State): void {
  const { cluster, namespace, name, phase, reason, containers } = rollout
  const images = containers.map(({ image }) => image)
  process.stdout.write(`${JSON.stringify({ what, cluster, namespace, name, phase, reason, images })}\n`)
}

async function followTransitions(nats: NatsConnection): Promise<void> {
  const consumer = await jetstream(nats).consumers.get('ROLLOUTS', 'reader')
  for await (const message of await consumer.consume()) {
    const { data } = message.json<TransitionEvent>()
    // Hermod was upgraded first: the message waits until this program is upgraded too.
    if (data.version > knownVersion) message.nak(30_000)
    else {
      tell(data.kind, data)
      // Only now: whoever is killed before this line gets the message again, with the same id.
      message.ack()
    }
  }
}

async function followStates(nats: NatsConnection): Promise<void> {
  const states = nats.subscribe('hermod.state.>')
  // From here on nothing is missed, as long as the connection lasts.
  await nats.flush()
  process.stderr.write('listening\n')
  for await (const message of states) {
    // An empty one says that this Deployment was forgotten.
    const state = message.data.length > 0 ? message.json<State>() : undefined
    if (state && state.version <= knownVersion) tell('state', state)
  }
}

async function tellLast(nats: NatsConnection, deployment: readonly string[]): Promise<void> {
  const manager = await jetstreamManager(nats, { checkAPI: false })
  const partition = fnv1a32(deployment.join('/')) % Number(process.env['PARTITIONS'] ?? 16)
  const key = [partition, ...deployment.map(escapeToken)].join('.')
  const last = await manager.direct.getMessage('KV_rollouts', { last_by_subj: `$KV.rollouts.${key}` })
  if (last && last.data.length > 0) tell('last', last.json<State>())
  else process.stdout.write('null\n')
}

function fnv1a32(text: string): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash
}

function escapeToken(text: string): string {
  const escaped = Array.from(Buffer.from(text), (byte) => {
    const character = String.fromCharCode(byte)
    return /[A-Za-z0-9-]/.test(character) ? character : `_${byte.toString(16).padStart(2, '0')}`
  })
  return escaped.join('') || '_'
}

const [command, ...rest] = process.argv.slice(2)
const { NATS_URL = 'nats://127.0.0.1:4222', NATS_USER = 'reader', NATS_PASSWORD = '' } = process.env
const nats = await connect({
  servers: NATS_URL,
  user: NATS_USER,
  pass: NATS_PASSWORD,
  // Each user may receive answers below its own inbox alone.
  inboxPrefix: `_INBOX_${NATS_USER}`,
  maxReconnectAttempts: -1,
})
process.once('SIGTERM', () => void nats.drain())
if (command === 'transitions') await followTransitions(nats)
else if (command === 'states') await followStates(nats)
else if (command === 'last' && rest.length === 3) await tellLast(nats, rest)
else process.stderr.write('usage: transitions | states | last CLUSTER NAMESPACE NAME\n')
await nats.close()
