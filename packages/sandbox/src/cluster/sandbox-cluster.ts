/**
 * Owns the cluster of the sandbox: the model, living on the machine's time, behind the API that a watcher and the
 * scenario need.
 *
 * 1. It listens on the loopback interface unless told otherwise, and every request needs the token of its kubeconfig.
 * 2. What stands in it is kept in its folder: written at most every three seconds while something changes, and at the end.
 */
import { randomBytes, randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { KubeApi, type KubeletPlan, type Pod } from '@hermod/testkit'
import { Lists } from './api/list-objects.ts'
import { LiveCluster } from './api/live-cluster.ts'
import { serveRequest } from './api/serve-request.ts'
import { newCluster } from './model/cluster-model.ts'
import type { ClusterOptions, ClusterState } from './model/cluster-state.ts'

export interface SandboxClusterOptions {
  /** Where its state and its kubeconfig are kept. */
  readonly folder: string
  /** Of the API; a free one by default. */
  readonly port?: number
  /** The address that it listens on; 127.0.0.1 by default. */
  readonly listen?: string
  /** The name under which others reach it, as its kubeconfig tells; 127.0.0.1 by default. */
  readonly host?: string
  /** What becomes of each pod; ready after 30 ms by default. */
  readonly plan?: (pod: Pod) => KubeletPlan
  /** How many times faster than on real nodes back-offs pass; 50 by default. */
  readonly speed?: number
  /** From a pod's deletionTimestamp to its end; 0 by default. */
  readonly terminationMs?: number
  /** Whose making its Deployment's status never tells, as in a race of the real controllers; none by default. */
  readonly missesNote?: ClusterOptions['missesNote']
}

export interface SandboxCluster extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`, unless it listens elsewhere. */
  readonly url: string
  readonly port: number
  /** There is no TLS, and so no authority. */
  readonly ca: ''
  /** Bearer token of the one user. */
  readonly token: string
  /** Path of that user's kubeconfig. */
  readonly kubeconfig: string
  readonly api: KubeApi
  /** Pods have other plans from now on, those that run too. */
  replan(plan: (pod: Pod) => KubeletPlan): void
  /** The API is away, its connections cut, until `connect`; watches cannot be resumed then. */
  cut(): Promise<void>
  connect(): Promise<void>
}

const formatVersion = 1
const saveEveryMs = 3_000

/** Resolves when the API answers. Throws when the port is taken or the folder cannot be written. */
export async function startSandboxCluster(options: SandboxClusterOptions): Promise<SandboxCluster> {
  const { folder, plan, speed, terminationMs, missesNote } = options
  await mkdir(folder, { recursive: true })
  const stateFile = join(folder, 'cluster.state')
  const kept = await readState(stateFile)
  const state = kept?.state ?? newCluster(randomInt(2 ** 31), Date.now())
  const token = kept?.token ?? randomBytes(24).toString('hex')
  const cluster = new LiveCluster(state, {
    ...(plan && { planPod: plan }),
    ...(speed !== undefined && { speed }),
    ...(terminationMs !== undefined && { terminationMs }),
    ...(missesNote && { missesNote }),
  })
  const lists = new Lists(cluster)
  const context = { cluster, lists, token }
  const server = createServer((request, response) => void serveRequest(context, request, response))
  server.keepAliveTimeout = 60_000
  const listen = async (port: number): Promise<void> => {
    server.listen(port, options.listen ?? '127.0.0.1')
    await once(server, 'listening')
  }
  const cut = async (): Promise<void> => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
    lists.forget()
    cluster.history.compact(cluster.state.version)
  }
  await listen(options.port ?? 0)
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  const kubeconfig = join(folder, 'admin.kubeconfig')
  await writeFile(kubeconfig, kubeconfigText(`http://${options.host ?? '127.0.0.1'}:${port}`, token), {
    mode: 0o600,
  })
  const api = new KubeApi({ url, ca: '', token })
  const saving = saveChanges(stateFile, cluster, token)
  return {
    url,
    port,
    ca: '',
    token,
    kubeconfig,
    api,
    replan: (next) => cluster.replan(next),
    cut,
    connect: () => listen(port),
    async [Symbol.asyncDispose]() {
      await api[Symbol.asyncDispose]()
      cluster[Symbol.dispose]()
      await cut()
      await saving()
    },
  }
}

interface Kept {
  readonly version: number
  readonly token: string
  readonly state: ClusterState
}

/** One of another version, or half of one, is none: the cluster begins anew. */
async function readState(file: string): Promise<Kept | undefined> {
  try {
    const kept = deserialize(await readFile(file)) as Partial<Kept>
    return kept.version === formatVersion ? (kept as Kept) : undefined
  } catch {
    return undefined
  }
}

/** Returns how to write it for the last time. */
function saveChanges(file: string, cluster: LiveCluster, token: string): () => Promise<void> {
  let saved = 0
  let writing = Promise.resolve()
  const save = async (): Promise<void> => {
    const { state } = cluster
    if (state.version === saved) return
    saved = state.version
    await writeFile(`${file}.new`, serialize({ version: formatVersion, token, state }), { mode: 0o600 })
    await rename(`${file}.new`, file)
  }
  const next = (): Promise<void> => {
    writing = writing.then(save, save)
    return writing
  }
  const timer = setInterval(() => void next().catch(() => undefined), saveEveryMs)
  timer.unref()
  return async () => {
    clearInterval(timer)
    await next()
  }
}

/** client-node takes plain HTTP only from whoever says that it is meant. */
function kubeconfigText(server: string, token: string): string {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'sandbox', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'sandbox', context: { cluster: 'sandbox', user: 'admin' } }],
    'current-context': 'sandbox',
  }
  return JSON.stringify(config, undefined, 2)
}
