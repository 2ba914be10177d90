// Owns a link between one process and NATS that is cut in front of a certain write: the process has sent it, and NATS
// never sees it or anything after it.
import { once } from 'node:events'
import { connect, createServer } from 'node:net'

export interface NatsGate extends AsyncDisposable {
  readonly url: string
  /** From now on what matches is not let through; `stopped` is told once. */
  stopAt(write: RegExp, stopped: () => void): void
}

export async function startNatsGate(natsUrl: string): Promise<NatsGate> {
  const { hostname, port } = new URL(natsUrl)
  let stop: { readonly write: RegExp; readonly stopped: () => void } | undefined
  let isShut = false
  // A write may come in pieces; NATS does nothing with a part of it.
  let seen = ''
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname)
    for (const socket of [client, upstream]) socket.on('error', () => undefined)
    client.on('close', () => upstream.destroy())
    upstream.on('close', () => client.destroy())
    upstream.pipe(client)
    client.on('data', (chunk) => {
      seen = `${seen.slice(-64 * 1024)}${chunk.toString('latin1')}`
      if (!isShut && stop?.write.test(seen)) {
        isShut = true
        stop.stopped()
      }
      if (!isShut) upstream.write(chunk)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port to listen on')
  return {
    url: `nats://127.0.0.1:${address.port}`,
    stopAt(write, stopped) {
      stop = { write, stopped }
      seen = ''
    },
    async [Symbol.asyncDispose]() {
      server.close()
      await once(server, 'close')
    },
  }
}
