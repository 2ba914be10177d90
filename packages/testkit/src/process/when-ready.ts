import { setTimeout as delay } from 'node:timers/promises'
import { PortTaken } from '../free-port.ts'
import type { RunningProcess } from './start-process.ts'

export interface Readiness {
  /** As an error names it. */
  readonly name: string
  /** Throws as long as it is not ready. */
  readonly check: () => Promise<unknown>
  readonly port?: number
  /** Between two looks; 10 by default. */
  readonly everyMs?: number
  /** 60 s by default. */
  readonly timeoutMs?: number
}

/** Waits until the process is ready. If it ends first, or the time is up, it is killed and its own words are thrown. */
export async function whenReady(server: RunningProcess, readiness: Readiness): Promise<RunningProcess> {
  const { name, check, port, everyMs = 10, timeoutMs = 60_000 } = readiness
  await using undo = new AsyncDisposableStack()
  undo.use(server)
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const failure = await failureOf(check)
    if (!server.running) {
      if (port !== undefined && server.output.includes('address already in use')) throw new PortTaken(port)
      throw new Error(`${name} ended before it was ready:\n${server.output}`)
    }
    if (failure === undefined) break
    if (performance.now() > deadline) {
      throw new Error(`${name} was not ready after ${timeoutMs / 1000} s:\n${server.output}`, {
        cause: failure,
      })
    }
    await delay(everyMs)
  }
  undo.move()
  return server
}

async function failureOf(check: () => Promise<unknown>): Promise<unknown> {
  try {
    await check()
    return undefined
  } catch (error) {
    return error ?? 'no reason given'
  }
}
