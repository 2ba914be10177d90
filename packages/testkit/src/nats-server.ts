/**
 * Owns one real nats-server with JetStream on 127.0.0.1.
 *
 * 1. It is ready when it answers, and the answer is checked to be its own: another program on the port is an error.
 * 2. Port and store stay the same over kill and restart.
 * 3. After dispose neither process nor folder is left; also not when the test process is killed.
 */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { onFreePort } from './free-port.ts'
import { type Component, startComponent } from './process/component.ts'
import { type RunningProcess, startProcess } from './process/start-process.ts'
import { makeTempFolder } from './process/temp-folder.ts'
import { whenReady } from './process/when-ready.ts'
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
  /** The most that streams may promise to keep, in nats-server's own spelling; three quarters of the disk by default. */
  readonly maxFileStore?: string
  /** What is started instead of the server's command, which it ends as; asked at every start. */
  readonly startBy?: (command: readonly [string, ...string[]]) => readonly [string, ...string[]]
}

export interface NatsServer extends Component {
  /** `nats://127.0.0.1:<port>` */
  readonly url: string
  readonly port: number
  readonly storeDir: string
}

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
    const command = [program, '--config', configFile] as const
    const [first, ...rest] = options.startBy?.(command) ?? command
    const server = await startProcess(first, rest)
    return await whenReady(server, { name: 'nats-server', check: () => checkGreeting(port, name), port })
  }
  const { port, component } = await onFreePort(
    async (port) => ({ port, component: await startComponent(() => start(port)) }),
    options.port,
  )
  cleanup.use(component)
  const started = cleanup.move()
  return Object.assign(component, {
    url: `nats://127.0.0.1:${port}`,
    port,
    storeDir,
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  })
}

interface ConfigValues extends NatsServerOptions {
  readonly port: number
  readonly name: string
  readonly storeDir: string
}

function renderConfig({
  port,
  name,
  storeDir,
  config = '',
  syncAlways = true,
  maxFileStore,
}: ConfigValues): string {
  return `listen: "127.0.0.1:${port}"
server_name: "${name}"
jetstream {
  store_dir: ${JSON.stringify(storeDir)}
  ${syncAlways ? 'sync_interval: always' : ''}
  ${maxFileStore === undefined ? '' : `max_file_store: ${maxFileStore}`}
}
${config}
`
}

/** The first line that a NATS server sends has its name in it. */
async function checkGreeting(port: number, name: string): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  const giveUp = (): unknown => socket.destroy(new Error('no greeting'))
  socket.once('end', giveUp)
  const timer = setTimeout(giveUp, 1_000)
  try {
    const [greeting] = await once(socket, 'data')
    if (!String(greeting).includes(name)) throw new Error('another server answers')
  } finally {
    clearTimeout(timer)
    socket.destroy()
  }
}
