import { randomInt } from 'node:crypto'

/** Somebody else listens on the port that a server was to have. */
export class PortTaken extends Error {
  override readonly name = 'PortTaken'
  constructor(port: number) {
    super(`port ${port} of 127.0.0.1 is taken: stop what listens there, or leave the port to us`)
  }
}

/**
 * Starts a server on `wanted`, else on a port that is free. Only the server's own bind decides who has a port, so
 * `start` says PortTaken and another one is tried.
 *
 * The ports lie below those that kernels give to outgoing connections: else, while a server is down for a moment,
 * a client that dials it could be given its port and keep it from coming back.
 */
export async function onFreePort<T>(start: (port: number) => Promise<T>, wanted?: number): Promise<T> {
  if (wanted !== undefined) return await start(wanted)
  for (let tries = 1; ; tries++) {
    try {
      return await start(randomInt(10_000, 32_000))
    } catch (error) {
      if (!(error instanceof PortTaken) || tries === 20) throw error
    }
  }
}
