/**
 * Owns one real Kubernetes control plane: etcd, kube-apiserver and the controllers that a Deployment needs.
 * There is no scheduler and no node: `startKubelet` plays both.
 *
 * 1. It is ready when /readyz says so under a certificate that only our own server has.
 * 2. Address, certificate, tokens and data stay the same over the restart of any part.
 * 3. After dispose neither process nor folder is left; also not when the test process is killed.
 * 4. etcd listens on a socket in our folder, the controllers on nothing: only the API server has a port.
 */
import { once } from 'node:events'
import { mkdir, readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { onFreePort } from './free-port.ts'
import { makeCredentials, writeKubeconfig } from './kubernetes/credentials.ts'
import {
  apiServerFlags,
  certificateFolder,
  controllerManagerFlags,
  etcdFlags,
  etcdSocket,
} from './kubernetes/flags.ts'
import { type KubeAccess, KubeApi } from './kubernetes/kube-api.ts'
import {
  createServiceAccount,
  type ServiceAccount,
  type ServiceAccountOptions,
} from './kubernetes/service-account.ts'
import { type Component, startComponent } from './process/component.ts'
import { startProcess } from './process/start-process.ts'
import { makeTempFolder } from './process/temp-folder.ts'
import { whenReady } from './process/when-ready.ts'
import { apiServerTool, controllerManagerTool, etcdTool } from './tools/catalog.ts'
import { obtain } from './tools/obtain.ts'

export interface ControlPlaneOptions {
  /** Of the API server; a free one by default. */
  readonly port?: number
  /** Where data, certificate and tokens are kept; by default a folder that dispose removes. */
  readonly dataDir?: string
  /** Put after ours: `['--max-requests-inflight', '4']`. */
  readonly apiServerFlags?: readonly string[]
  readonly controllerManagerFlags?: readonly string[]
}

export interface ControlPlane extends AsyncDisposable {
  /** `https://127.0.0.1:<port>` */
  readonly url: string
  readonly port: number
  /** Path and PEM text of the authority behind the server's certificate. */
  readonly caFile: string
  readonly ca: string
  /** Path of the server's private key: with caFile, its certificate, a proxy can stand in its place. */
  readonly keyFile: string
  /** Bearer token of an admin (`system:masters`: neither RBAC nor the request queues ever stop it). */
  readonly token: string
  /** Path of the admin's kubeconfig. */
  readonly kubeconfig: string
  /** As the admin. */
  readonly api: KubeApi
  readonly etcd: Component
  readonly apiServer: Component
  readonly controllerManager: Component
  createServiceAccount(options: ServiceAccountOptions): Promise<ServiceAccount>
  /** Another one on the same store and with the same identities; its flags are put after ours. */
  startSecondApiServer(flags?: readonly string[]): Promise<KubeAccess & AsyncDisposable>
}

/** Throws ToolUnavailable, or an error with a part's own words when it does not start. */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  await using cleanup = new AsyncDisposableStack()
  const folder = options.dataDir ?? cleanup.use(await makeTempFolder('control-plane')).path
  await mkdir(folder, { recursive: true })
  const credentials = await makeCredentials(folder)
  const token = credentials.adminToken
  const caFile = join(folder, certificateFolder, 'apiserver.crt')
  const open = async (port: number): Promise<KubeApi> =>
    new KubeApi({ url: urlOf(port), ca: await readFile(caFile, 'utf8'), token })

  const etcd = cleanup.use(await startEtcd(folder))
  const startOn = async (
    port: number,
    more: readonly string[] = [],
  ): Promise<{ port: number; apiServer: Component }> => {
    const flags = [...apiServerFlags(port, credentials), ...(options.apiServerFlags ?? []), ...more]
    return { port, apiServer: await startApiServer(folder, flags, port, open) }
  }
  const { port, apiServer } = await onFreePort((port) => startOn(port), options.port)
  cleanup.use(apiServer)

  const where = { url: urlOf(port), caFile, folder }
  const kubeconfig = join(folder, 'admin.kubeconfig')
  await writeKubeconfig(kubeconfig, { ...where, token, user: 'admin' })
  const flags = [
    ...controllerManagerFlags(kubeconfig, credentials),
    ...(options.controllerManagerFlags ?? []),
  ]
  const controllerManager = cleanup.use(await startControllerManager(folder, flags))

  const api = cleanup.use(await open(port))
  const ca = await readFile(caFile, 'utf8')
  const started = cleanup.move()
  return {
    url: where.url,
    port,
    caFile,
    ca,
    keyFile: join(folder, certificateFolder, 'apiserver.key'),
    token,
    kubeconfig,
    api,
    etcd,
    apiServer,
    controllerManager,
    createServiceAccount: (account) => createServiceAccount(api, where, account),
    startSecondApiServer: async (flags) => {
      const second = await onFreePort((port) => startOn(port, flags))
      const dispose = (): Promise<void> => second.apiServer.kill()
      return { url: urlOf(second.port), ca, token, [Symbol.asyncDispose]: dispose }
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

function urlOf(port: number): string {
  return `https://127.0.0.1:${port}`
}

async function startEtcd(folder: string): Promise<Component> {
  const program = await obtain(etcdTool)
  return await startComponent(async () => {
    const server = await startProcess(program, etcdFlags, { cwd: folder })
    return await whenReady(server, { name: 'etcd', check: () => dial(join(folder, etcdSocket)) })
  })
}

async function startApiServer(
  folder: string,
  flags: readonly string[],
  port: number,
  open: (port: number) => Promise<KubeApi>,
): Promise<Component> {
  const program = await obtain(apiServerTool)
  return await startComponent(async () => {
    const server = await startProcess(program, flags, { cwd: folder })
    const check = async (): Promise<void> => {
      await using api = await open(port)
      await api.get('/readyz')
    }
    return await whenReady(server, { name: 'kube-apiserver', check, port, everyMs: 50, timeoutMs: 180_000 })
  })
}

/** Nothing tells when it has begun to work; it catches up with whatever was made before. */
async function startControllerManager(folder: string, flags: readonly string[]): Promise<Component> {
  const program = await obtain(controllerManagerTool)
  return await startComponent(() => startProcess(program, flags, { cwd: folder }))
}

async function dial(socketPath: string): Promise<void> {
  const socket = connect(socketPath)
  try {
    await once(socket, 'connect')
  } finally {
    socket.destroy()
  }
}
