import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'

/**
 * Ports of 127.0.0.1 that nobody listens on, all of them different. They lie below those that kernels give to outgoing
 * connections, which could otherwise take one before it is used.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const held: { readonly port: number; readonly server: Server }[] = []
  while (held.length < count) {
    const port = randomInt(10_000, 32_000)
    const server = createServer().listen(port, '127.0.0.1')
    // Rejects with the error when the port is taken.
    const listening = await once(server, 'listening').then(
      () => true,
      () => false,
    )
    if (listening) held.push({ port, server })
  }
  await Promise.all(held.map(({ server }) => new Promise((resolve) => server.close(resolve))))
  return held.map(({ port }) => port)
}
