// Owns nats-servers that run from the very files of k8s/components, with addresses, ports and folders of this machine.
import { once } from 'node:events'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import {
  eventually,
  makeTempFolder,
  natsServerTool,
  obtain,
  type RunningProcess,
  startProcess,
} from '@hermod/testkit'
import { k8sFolder } from '../manifests/shipped-manifests.ts'
import { freePorts } from '../pipeline/free-ports.ts'
import { natsUsers } from './shipped-authorization.ts'

export interface ShippedNats extends AsyncDisposable {
  /** `127.0.0.1:<port>` of each server. */
  readonly addresses: readonly string[]
  readonly servers: readonly RunningProcess[]
}

export interface ShippedNatsOptions {
  /** Components put after `nats`, in their order. */
  readonly components?: readonly string[]
  readonly servers?: number
  /** A last change of nats.conf. */
  readonly edit?: (config: string) => string
}

/** As the manifests give them. */
const environment = {
  NATS_WATCHER_OBSERVATIONS: '"hermod.observation.*.default.>"',
  NATS_WATCHER_IDENTITY: '"$KV.clusters.default"',
  NATS_ROUTE_PASSWORD: 'route-password',
  ...Object.fromEntries(natsUsers.map((user) => [`NATS_${user.toUpperCase()}_PASSWORD`, `${user}-password`])),
}

/** The folder of the certificate that servers with TLS show, which is its own authority. */
export const certificateFolder: string = join(import.meta.dirname, 'testdata', 'nats-tls')

/** Starts as many servers as asked for, and waits until each takes clients. */
export async function startShippedNats({
  components = [],
  servers: count = 1,
  edit = (config) => config,
}: ShippedNatsOptions = {}): Promise<ShippedNats> {
  const program = await obtain(natsServerTool)
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await makeTempFolder('shipped-nats')).path
  const free = await freePorts(2 * count)
  const ports = Array.from({ length: count }, (_, index) => ({
    client: free[2 * index] ?? 0,
    route: free[2 * index + 1] ?? 0,
  }))
  const routes = ports.map(({ route }) => `nats://route:route-password@127.0.0.1:${route}`).join(',')
  const servers: RunningProcess[] = []
  for (const [index, { client, route }] of ports.entries()) {
    const config = await copyFiles(join(folder, `${index}`), components, edit)
    const own = ['--addr', '127.0.0.1', '--port', `${client}`, '--http_port', '-1']
    const others = count > 1 ? ['--cluster', `nats://127.0.0.1:${route}`, '--routes', routes] : []
    const env = { ...environment, POD_NAME: `hermod-nats-${index}` }
    servers.push(stack.use(await startProcess(program, ['--config', config, ...own, ...others], { env })))
  }
  for (const [index, { client }] of ports.entries()) await untilGreeted(client, servers[index])
  const started = stack.move()
  return {
    addresses: ports.map(({ client }) => `127.0.0.1:${client}`),
    servers,
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

/** The files as a pod has them, but for the folders that they name; returns the path of nats.conf. */
async function copyFiles(
  folder: string,
  components: readonly string[],
  edit: (config: string) => string,
): Promise<string> {
  for (const component of ['nats', ...components])
    await cp(join(k8sFolder, 'components', component), folder, { recursive: true })
  const config = join(folder, 'nats.conf')
  await change(config, edit)
  await change(join(folder, 'storage.conf'), (text) => text.replace('/data', join(folder, 'data')))
  await change(join(folder, 'tls.conf'), (text) => text.replaceAll('/tls/', `${certificateFolder}/`))
  return config
}

async function change(file: string, edit: (text: string) => string): Promise<void> {
  await writeFile(file, edit(await readFile(file, 'utf8')))
}

async function untilGreeted(port: number, server: RunningProcess | undefined): Promise<void> {
  const greeted = await eventually(async () => server?.running === true && (await greets(port)), {
    timeoutMs: 30_000,
  })
  if (!greeted) throw new Error(`nats-server ended:\n${server?.output}`)
}

/** A server says its name to whoever connects; throws while nobody listens. */
async function greets(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'data')
    return true
  } finally {
    socket.destroy()
  }
}
