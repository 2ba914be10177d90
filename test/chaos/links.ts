/** Owns the ways from the services to NATS and to the API server, which can fall silent. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ControlPlane, type FaultProxy, makeTempFolder, startFaultProxy } from '@hermod/testkit'
import type { ServiceName } from '../pipeline/service-process.ts'

export interface Links extends AsyncDisposable {
  readonly toNats: Readonly<Record<ServiceName, FaultProxy>>
  /** The watcher's. */
  readonly toApiServer: FaultProxy
  /** Path of one that leads there. */
  readonly kubeconfig: string
}

export async function startLinks(natsPort: number, controlPlane: ControlPlane): Promise<Links> {
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await makeTempFolder('links')).path
  const linkTo = async (port: number): Promise<FaultProxy> =>
    stack.use(await startFaultProxy({ upstream: { host: '127.0.0.1', port } }))
  const toApiServer = await linkTo(controlPlane.port)
  const toNats = {
    watcher: await linkTo(natsPort),
    dedupe: await linkTo(natsPort),
    notifier: await linkTo(natsPort),
  }
  const kubeconfig = join(folder, 'kubeconfig')
  const direct = await readFile(controlPlane.kubeconfig, 'utf8')
  const led = direct.replaceAll(controlPlane.url, `https://${toApiServer.address}`)
  await writeFile(kubeconfig, led, { mode: 0o600 })
  const started = stack.move()
  return { toNats, toApiServer, kubeconfig, [Symbol.asyncDispose]: () => started.disposeAsync() }
}
