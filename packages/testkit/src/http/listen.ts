import { once } from 'node:events'
import type { Server } from 'node:net'
import { onFreePort, PortTaken } from '../free-port.ts'

/** Lets a server listen on 127.0.0.1 unless `host` says otherwise, on `wanted` or a free port. Throws PortTaken. */
export async function listen(server: Server, wanted?: number, host = '127.0.0.1'): Promise<number> {
  return await onFreePort(async (port) => {
    try {
      server.listen(port, host)
      await once(server, 'listening')
      return port
    } catch (error) {
      throw (error as { code?: string }).code === 'EADDRINUSE' ? new PortTaken(port) : error
    }
  }, wanted)
}
