import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { listen } from './http/listen.ts'

/**
 * Owns a TCP proxy between a client of ours and a real server: it knows bytes alone, so TLS and NATS pass too.
 * 1. Bytes are forwarded in order and never altered; a fault only holds them back or ends a connection.
 * 2. A reset is a TCP reset on both sides, a close a FIN.
 */
export interface FaultProxyOptions {
  upstream: { host: string; port: number }
  /** A free one by default. */
  port?: number
}

export interface CutRule {
  /** Cuts a connection once it has carried so many bytes since this call, the last one included. */
  atByte: number
  toward: 'client' | 'server'
  how?: 'reset' | 'close'
  /** How many connections; 1 by default. */
  times?: number
}

export interface FaultProxy extends AsyncDisposable {
  readonly port: number
  /** `127.0.0.1:PORT` */
  readonly address: string
  /** Accepted so far. */
  readonly accepted: number
  readonly open: number
  /** Each piece waits so long before it is forwarded, in both directions. */
  delayMs: number
  /** Half-open: open connections fall silent both ways, new ones are accepted and silent too. */
  freeze(): void
  /** What was held back flows again. */
  thaw(): void
  /** New connections are refused; open ones stay. */
  refuse(): void
  /** Listens again, on the same port. */
  accept(): Promise<void>
  resetAll(): void
  closeAll(): void
  cut(rule: CutRule): void
}

interface Link {
  client: Socket
  /** Absent while a frozen proxy has not dialled for this client. */
  server?: Socket
}

export async function startFaultProxy({ upstream, port: wanted }: FaultProxyOptions): Promise<FaultProxy> {
  const links = new Set<Link>()
  const cuts: { rule: Required<CutRule>; carried: Map<Link, number> }[] = []
  let accepted = 0
  let isFrozen = false
  let thawed = Promise.withResolvers<void>()
  thawed.resolve()

  async function pump(link: Link, toward: 'client' | 'server', from: Socket, to: Socket): Promise<void> {
    for await (const chunk of from.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      await thawed.promise
      if (proxy.delayMs > 0) await sleep(proxy.delayMs, undefined, { ref: false })
      const cut = cutIn(link, toward, chunk.length)
      const allowed = cut ? chunk.subarray(0, cut.left) : chunk
      await new Promise((written) => to.write(allowed, written))
      if (cut) {
        // A reset right behind the last bytes would overtake them.
        await sleep(20)
        return end(link, cut.how)
      }
    }
    await thawed.promise
    to.end()
  }

  /** The cut that falls into the next `length` bytes, and how many of them still pass. */
  function cutIn(
    link: Link,
    toward: 'client' | 'server',
    length: number,
  ): { how: 'reset' | 'close'; left: number } | undefined {
    for (const { rule, carried } of cuts) {
      if (rule.toward !== toward || rule.times === 0) continue
      const before = carried.get(link) ?? 0
      carried.set(link, before + length)
      if (before + length < rule.atByte) continue
      rule.times--
      return { how: rule.how, left: rule.atByte - before }
    }
    return undefined
  }

  function end({ client, server }: Link, how: 'reset' | 'close'): void {
    for (const socket of [client, server]) {
      if (how === 'reset') socket?.resetAndDestroy()
      else socket?.destroySoon()
    }
  }

  /** Once one side has gone the other goes the same way, but nothing passes a frozen network. */
  function endTogether(link: Link, socket: Socket): void {
    // Without a listener an error would be thrown; `close` follows it.
    socket.on('error', () => {})
    socket.once('close', () => {
      void thawed.promise.then(() => {
        links.delete(link)
        end(link, socket.errored ? 'reset' : 'close')
      })
    })
  }

  async function serve(client: Socket): Promise<void> {
    const link: Link = { client }
    accepted++
    links.add(link)
    endTogether(link, client)
    await thawed.promise
    if (client.destroyed) return
    const server = connect({ ...upstream, allowHalfOpen: true, noDelay: true })
    link.server = server
    endTogether(link, server)
    // A broken socket ends its pump; what follows from that is endTogether's.
    await Promise.allSettled([pump(link, 'server', client, server), pump(link, 'client', server, client)])
  }

  const listener = createServer({ allowHalfOpen: true, noDelay: true }, (client) => void serve(client))
  const port = await listen(listener, wanted)

  const proxy: FaultProxy = {
    port,
    address: `127.0.0.1:${port}`,
    get accepted() {
      return accepted
    },
    get open() {
      return links.size
    },
    delayMs: 0,
    freeze() {
      if (!isFrozen) thawed = Promise.withResolvers()
      isFrozen = true
    },
    thaw() {
      isFrozen = false
      thawed.resolve()
    },
    refuse() {
      listener.close()
    },
    async accept() {
      await listen(listener, port)
    },
    resetAll: () => links.forEach((link) => end(link, 'reset')),
    closeAll: () => links.forEach((link) => end(link, 'close')),
    cut: ({ how = 'reset', times = 1, ...rule }) => {
      cuts.push({ rule: { ...rule, how, times }, carried: new Map() })
    },
    async [Symbol.asyncDispose]() {
      const closed = once(listener, 'close')
      listener.close()
      for (const link of links) end(link, 'reset')
      thawed.resolve()
      await closed
    },
  }
  return proxy
}
