// Owns docker-compose.yml played without an engine: each of its services as a plain process.
// R1. Command, environment, files and health check are those of the file, the rest of an image those of services/Dockerfile.
// R2. A path of a container is a folder of ours, and a port of one a port of this machine, wherever a text names it.
// R3. As in its image, a bundle has no node_modules about it, cannot write beside itself, and runs as another user.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import {
  eventually,
  makeTempFolder,
  natsServerTool,
  obtain,
  type RunningProcess,
  startProcess,
} from '@hermod/testkit'
import { bundlePrograms } from '../images/as-shipped.ts'
import { readImage } from '../images/image-recipe.ts'
import { freePorts } from '../pipeline/free-ports.ts'
import { type ComposeProject, type ComposeService, readCompose } from './compose-project.ts'

export interface ComposeRun extends AsyncDisposable {
  readonly project: ComposeProject
  /** Where a port of a container is on this machine: `127.0.0.1:<port>`. */
  address(service: string, port: number): string
  process(service: string): RunningProcess
  /** Resolves when its health check passes. */
  untilHealthy(service: string): Promise<void>
}

/** The ports that processes open, and what tells them another one. */
const processPorts = { 2112: 'HTTP_PORT' } as const
const sandboxPorts = {
  8420: 'SANDBOX_PAGE_PORT',
  8421: 'SANDBOX_CLUSTER_PORT',
  8422: 'SANDBOX_SLACK_PORT',
} as const

/** Beside each other on one machine they listen where a container would listen everywhere. */
const listening = {
  process: { HTTP_HOST: '127.0.0.1' },
  sandbox: { HTTP_HOST: '127.0.0.1', SANDBOX_LISTEN: '127.0.0.1', SANDBOX_HOST: '127.0.0.1' },
} as const

const mostPorts = 24

export interface ComposeRunOptions {
  /** What `.env` says. */
  readonly given?: Readonly<Record<string, string>>
  /** Where a service is that runs elsewhere: `host:port`, by the service's name. */
  readonly elsewhere?: Readonly<Record<string, string>>
}

/** Starts every service that is not elsewhere, in the order of the file. */
export async function runCompose({
  given = {},
  elsewhere = {},
}: ComposeRunOptions = {}): Promise<ComposeRun> {
  const project = await readCompose(given)
  await using stack = new AsyncDisposableStack()
  const run = new Machine(
    project,
    elsewhere,
    stack.use(await makeTempFolder('compose')).path,
    stack.use(await bundlePrograms()).path,
    await freePorts(mostPorts),
  )
  for (const name of Object.keys(project.services))
    if (elsewhere[name] === undefined) stack.use(await run.start(name))
  const started = stack.move()
  return Object.assign(run, { [Symbol.asyncDispose]: () => started.disposeAsync() })
}

class Machine {
  readonly project: ComposeProject
  readonly #elsewhere: Readonly<Record<string, string>>
  readonly #folder: string
  readonly #bundles: string
  readonly #user = otherUser()
  readonly #processes = new Map<string, RunningProcess>()
  readonly #addresses = new Map<string, string>()
  readonly #free: number[]

  constructor(
    project: ComposeProject,
    elsewhere: Readonly<Record<string, string>>,
    folder: string,
    bundles: string,
    free: readonly number[],
  ) {
    this.project = project
    this.#elsewhere = elsewhere
    this.#folder = folder
    this.#bundles = bundles
    this.#free = [...free]
    chmodSync(folder, 0o755)
    makeReadOnly(bundles)
  }

  address(service: string, port: number): string {
    const key = `${service}:${port}`
    const known = this.#elsewhere[service] ?? this.#addresses.get(key) ?? `127.0.0.1:${this.#takePort()}`
    this.#addresses.set(key, known)
    return known
  }

  #takePort(): number {
    const port = this.#free.pop()
    if (port === undefined) throw new Error(`docker-compose.yml has more than ${mostPorts} ports`)
    return port
  }

  process(service: string): RunningProcess {
    const running = this.#processes.get(service)
    if (running === undefined) throw new Error(`${service} is not among the started services`)
    return running
  }

  async start(name: string): Promise<RunningProcess> {
    const service = this.#serviceOf(name)
    const running = service.build
      ? await this.#startBundle(name, service.build.target)
      : await this.#startNats(name)
    this.#processes.set(name, running)
    return running
  }

  async untilHealthy(name: string): Promise<void> {
    const [, program = '', ...args] = this.#serviceOf(name).healthcheck?.test ?? []
    const own = args.map((text) => this.#place(name, text))
    // Of an image that is not ours the program is its own; what it asks is the same.
    const [command, ...rest] =
      program === 'wget'
        ? [process.execPath, '--eval', `fetch('${own.at(-1)}').then(({ ok }) => process.exit(ok ? 0 : 1))`]
        : [nodeOf(program), ...own]
    const healthy = await eventually(
      () => {
        if (!this.process(name).running) return false
        const { status } = spawnSync(command, rest, { env: {}, timeout: 10_000 })
        if (status !== 0) throw new Error(`${name} is not healthy:\n${this.process(name).output}`)
        return true
      },
      { timeoutMs: 60_000, everyMs: 200 },
    )
    if (!healthy) throw new Error(`${name} ended:\n${this.process(name).output}`)
  }

  async #startBundle(name: string, target: string): Promise<RunningProcess> {
    const { entrypoint, environment } = readImage(target)
    const service = this.#serviceOf(name)
    const [program = '', ...args] = [...entrypoint, ...(service.command ?? [])]
    const env = {
      // As an engine has it for a user without a home.
      HOME: '/',
      ...environment,
      ...mapValues(service.environment, (text) => this.#place(name, text)),
      ...listening[target === 'sandbox' ? 'sandbox' : 'process'],
      ...this.#portsOf(name, target === 'sandbox' ? { ...processPorts, ...sandboxPorts } : processPorts),
    }
    const script = args.map((text) => this.#place(name, text.replace(/^\/app\//, `${this.#bundles}/`)))
    return await startProcess(nodeOf(program), script, { env, cwd: this.#bundles, ...this.#user })
  }

  async #startNats(name: string): Promise<RunningProcess> {
    const { command, environment } = this.#serviceOf(name)
    const args = (command ?? []).map((text) => this.#place(name, text))
    const [client = '', monitor = ''] = [4222, 8222].map(
      (port) => this.address(name, port).split(':')[1] ?? '',
    )
    const ports = ['--addr', '127.0.0.1', '--port', client, '--http_port', monitor]
    return await startProcess(await obtain(natsServerTool), [...args, ...ports], { env: environment })
  }

  #serviceOf(name: string): ComposeService {
    const service = this.project.services[name]
    if (service === undefined) throw new Error(`docker-compose.yml has no service ${name}`)
    return service
  }

  #portsOf(name: string, ports: Readonly<Record<number, string>>): Readonly<Record<string, string>> {
    return Object.fromEntries(
      Object.entries(ports).map(([port, variable]) => [
        variable,
        this.address(name, Number(port)).split(':')[1] ?? '',
      ]),
    )
  }

  /** A text of a container as it reads here. */
  #place(name: string, text: string): string {
    const paths = (this.#serviceOf(name).volumes ?? []).reduce(
      (done, { type, source, target }) =>
        done.replaceAll(
          new RegExp(`(?<![\\w./-])${target}(?![\\w.-])`, 'g'),
          type === 'volume' ? this.#volume(source) : this.#mounted(name, source, target),
        ),
      text,
    )
    const hosts = [...Object.keys(this.project.services), '127.0.0.1'].join('|')
    return paths.replaceAll(new RegExp(`\\b(${hosts}):(\\d+)\\b`, 'g'), (_, host: string, port: string) =>
      this.address(host === '127.0.0.1' ? name : host, Number(port)),
    )
  }

  #volume(name: string): string {
    const folder = join(this.#folder, 'volumes', name)
    if (mkdirSync(folder, { recursive: true }) !== undefined && this.#user.uid !== undefined)
      chownSync(folder, this.#user.uid, this.#user.gid ?? this.#user.uid)
    return folder
  }

  /** A copy of what is mounted, whose own paths are placed too. */
  #mounted(name: string, source: string, target: string): string {
    const copy = join(this.#folder, 'mounts', name, target)
    if (mkdirSync(dirname(copy), { recursive: true }) === undefined) return copy
    cpSync(source, copy, { recursive: true })
    const files = statSync(copy).isDirectory() ? readdirSync(copy).map((file) => join(copy, file)) : [copy]
    for (const file of files) writeFileSync(file, this.#place(name, readFileSync(file, 'utf8')))
    return copy
  }
}

const imageUser = 10_001

/** The user of the images, where we may become it and it may run our Node; else ourselves. */
function otherUser(): { readonly uid?: number; readonly gid?: number } {
  const user = { uid: imageUser, gid: imageUser }
  const tried = spawnSync(process.execPath, ['--version'], { ...user, env: {} })
  return process.getuid?.() === 0 && tried.status === 0 ? user : {}
}

function nodeOf(program: string): string {
  if (program !== '/usr/local/bin/node') throw new Error(`${program} is not the Node of our images`)
  return process.execPath
}

function makeReadOnly(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true }))
    chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o555 : 0o444)
  chmodSync(folder, 0o555)
}

function mapValues(
  record: Readonly<Record<string, string>>,
  change: (value: string) => string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))
}
