/**
 * Owns one real nats-server with JetStream on 127.0.0.1.
 *
 * 1. It is ready when it answers, and the answer is checked to be its own: another program on the port is an error.
 * 2. Port and store stay the same over kill and restart.
 * 3. After dispose neither process nor folder is left; also not when the test process is killed.
 */
import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pickPort } from './free-port.ts'
import { type RunningProcess, startProcess } from './process/start-process.ts'
import { makeTempFolder } from './process/temp-folder.ts'
import { natsServerTool } from './tools/catalog.ts'
import { obtain } from './tools/obtain.ts'

export interface NatsServerOptions {
  /** A free one by default. */
  readonly port?: number
  /** Where JetStream keeps its data; by default a folder that dispose removes. */
  readonly storeDir?: string
  /** Text in nats-server's own configuration language, put after ours: an `authorization` block, limits, TLS. */
  readonly config?: string
  /** Whether each write is flushed to the disk before it is acknowledged; true by default. */
  readonly syncAlways?: boolean
}

export interface NatsServer extends AsyncDisposable {
  /** `nats://127.0.0.1:<port>` */
  readonly url: string
  readonly port: number
  readonly pid: number
  readonly storeDir: string
  /** The end of the server's log. */
  readonly log: string
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>
  /** SIGTERM; resolves when it is gone. */
  stop(): Promise<void>
  /** Starts it again on the same port and store, after a stop if it still runs; resolves when it answers. */
  restart(): Promise<void>
  /** SIGSTOP: connections stay open, nothing answers. */
  pause(): void
  resume(): void
}

const startTimeoutMs = 15_000

/** Throws ToolUnavailable, or an error with the server's own words when it does not start. */
export async function startNatsServer(options: NatsServerOptions = {}): Promise<NatsServer> {
  const program = await obtain(natsServerTool)
  await using cleanup = new AsyncDisposableStack()
  const folder = cleanup.use(await makeTempFolder('nats'))
  const storeDir = options.storeDir ?? join(folder.path, 'store')
  const configFile = join(folder.path, 'nats.conf')
  const start = async (port: number): Promise<RunningProcess> => {
    const name = `testkit-${randomUUID()}`
    await writeFile(configFile, renderConfig({ ...options, port, name, storeDir }), { mode: 0o600 })
    await using undo = new AsyncDisposableStack()
    const server = undo.use(await startProcess(program, ['--config', configFile]))
    await untilAnswers(server, port, name)
    undo.move()
    return server
  }

  let { port, server } = await startOnSomePort(start, options.port)
  cleanup.defer(() => server.kill())
  const started = cleanup.move()
  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    storeDir,
    get pid() {
      return server.pid
    },
    get log() {
      return server.output
    },
    kill: () => server.kill(),
    stop: () => server.stop(),
    async restart() {
      await server.stop()
      server = await start(port)
    },
    pause: () => server.signal('SIGSTOP'),
    resume: () => server.signal('SIGCONT'),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

type Start = (port: number) => Promise<RunningProcess>

async function startOnSomePort(
  start: Start,
  wanted?: number,
): Promise<{ port: number; server: RunningProcess }> {
  if (wanted !== undefined) return { port: wanted, server: await start(wanted) }
  for (let tries = 1; ; tries++) {
    const port = await pickPort()
    try {
      return { port, server: await start(port) }
    } catch (error) {
      if (!(error instanceof PortTaken) || tries === 10) throw error
    }
  }
}

/** Somebody else listens on the port that a server was to have. */
export class PortTaken extends Error {
  override readonly name = 'PortTaken'
  constructor(port: number) {
    super(`port ${port} of 127.0.0.1 is taken: stop what listens there, or leave the port to us`)
  }
}

interface ConfigValues extends NatsServerOptions {
  readonly port: number
  readonly name: string
  readonly storeDir: string
}

function renderConfig({ port, name, storeDir, config = '', syncAlways = true }: ConfigValues): string {
  return `listen: "127.0.0.1:${port}"
server_name: "${name}"
jetstream {
  store_dir: ${JSON.stringify(storeDir)}
  ${syncAlways ? 'sync_interval: always' : ''}
}
${config}
`
}

async function untilAnswers(server: RunningProcess, port: number, name: string): Promise<void> {
  const deadline = performance.now() + startTimeoutMs
  while (performance.now() < deadline) {
    if (!server.running) throw explainEnd(server.output, port)
    const greeting = await readGreeting(port)
    if (greeting.includes(name)) return
    await delay(5)
  }
  throw new Error(`nats-server did not answer on port ${port} within 15 s:\n${server.output}`)
}

function explainEnd(output: string, port: number): Error {
  if (output.includes('address already in use')) return new PortTaken(port)
  return new Error(`nats-server ended before it was ready:\n${output}`)
}

/** The first line that a NATS server sends; '' when nobody answers. */
async function readGreeting(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  const { promise, resolve } = Promise.withResolvers<string>()
  let text = ''
  const timer = setTimeout(() => resolve(''), 1_000)
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
    if (text.includes('\n')) resolve(text)
  })
  socket.on('error', () => resolve('')).on('close', () => resolve(''))
  const greeting = await promise
  clearTimeout(timer)
  socket.destroy()
  return greeting
}
