/**
 * Owns the way of one service to NATS, on which it dies at one of its requests.
 *
 * 1. A request is what it publishes: observations, transitions, states, acknowledgements. Signs of life are none, and
 *    what only reads is none: who dies there leaves behind what the request before it left.
 * 2. It dies before the request is forwarded, or after, when the reply has come and before it is passed on.
 */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { type NatsFrame, NatsFrames } from './nats-frames.ts'

export interface Trap {
  /** What stands in the subject or the body of a request of the rollout that is meant. */
  readonly marks: readonly string[]
  /** Which of its requests, from 1. */
  readonly request: number
  readonly how: 'before' | 'after'
  /** SIGKILL */
  readonly kill: () => void
}

export interface CrashProxy extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  readonly address: string
  set(trap: Trap): SetTrap
  /** The last of what passed, for whoever looks into a failure. */
  readonly recent: readonly string[]
}

export interface SetTrap extends Disposable {
  readonly sprung: boolean
  /** Of the rollout, so far. */
  readonly requests: number
}

/** An acknowledgement has no reply. */
const noReplyMs = 200
const keptFrames = 80

export async function startCrashProxy(upstreamPort: number): Promise<CrashProxy> {
  const sockets = new Set<Socket>()
  const recent: string[] = []
  const note = (way: '→' | '←', { verb, subject, reply, bytes }: NatsFrame): void => {
    if (subject === '' || subject.includes('.MSG.NEXT.')) return
    recent.push(`${new Date().toISOString()} ${way} ${verb} ${subject} ${reply} ${bytes.length}`)
    if (recent.length > keptFrames) recent.shift()
  }
  let trap: (Trap & { seen: number; sprung: boolean }) | undefined
  /** Where deliveries that speak of the rollout are acknowledged. */
  const acks = new Set<string>()

  const isOfRollout = ({ subject, bytes }: NatsFrame): boolean =>
    acks.has(subject) ? !bytes.includes('+WPI') : (trap?.marks.some((mark) => bytes.includes(mark)) ?? false)

  function serve(client: Socket): void {
    const server = connect({ port: upstreamPort, host: '127.0.0.1', noDelay: true })
    let isDead = false
    let awaitsReply: (() => void) | undefined
    /** Once: whoever is started again is another process. */
    const die = (kill: () => void): void => {
      if (isDead) return
      isDead = true
      kill()
      client.destroy()
      server.destroy()
    }
    const fromClient = new NatsFrames()
    client.on('data', (chunk: Buffer) => {
      for (const frame of fromClient.push(chunk)) {
        if (isDead || awaitsReply) return
        note('→', frame)
        const isRequest =
          frame.verb.endsWith('PUB') && !frame.subject.startsWith('$JS.API.') && isOfRollout(frame)
        if (trap && !trap.sprung && isRequest && ++trap.seen === trap.request) {
          trap.sprung = true
          if (trap.how === 'before') return die(trap.kill)
          awaitsReply = trap.kill
          setTimeout(die, noReplyMs, trap.kill)
        }
        server.write(frame.bytes)
      }
    })
    const fromServer = new NatsFrames()
    server.on('data', (chunk: Buffer) => {
      for (const frame of fromServer.push(chunk)) {
        note('←', frame)
        if (frame.reply.startsWith('$JS.ACK') && isOfRollout(frame)) acks.add(frame.reply)
      }
      if (awaitsReply) return die(awaitsReply)
      client.write(chunk)
    })
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.once('close', () => {
        isDead = true
        sockets.delete(socket)
        other.destroy()
      })
    }
  }

  const listener = createServer({ noDelay: true }, serve).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const address = listener.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return {
    address: `127.0.0.1:${port}`,
    set(wanted) {
      const own = { ...wanted, seen: 0, sprung: false }
      acks.clear()
      trap = own
      return {
        get sprung() {
          return own.sprung
        },
        get requests() {
          return own.seen
        },
        [Symbol.dispose]() {
          if (trap === own) trap = undefined
        },
      }
    },
    recent,
    async [Symbol.asyncDispose]() {
      const closed = once(listener, 'close')
      listener.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
