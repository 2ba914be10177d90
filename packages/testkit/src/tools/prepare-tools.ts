import {
  apiServerTool,
  composeSpecTool,
  controllerManagerTool,
  etcdTool,
  hadolintTool,
  kustomizeTool,
  monitoringDefinitions,
  natsServerTool,
  promtoolTool,
} from './catalog.ts'
import { rolloutStatusTool, webdavTool } from './judges.ts'
import { obtain } from './obtain.ts'
import { natsPyTool, pythonTool } from './python.ts'
import type { Context, Tool } from './tool.ts'

export type Prepared =
  | { readonly kind: 'ready'; readonly path: string }
  | { readonly kind: 'unavailable'; readonly reason: string }

export interface PreparedTools {
  readonly natsServer: Prepared
  readonly etcd: Prepared
  readonly apiServer: Prepared
  readonly controllerManager: Prepared
  readonly rolloutStatus: Prepared
  readonly webdav: Prepared
  readonly python: Prepared
  readonly natsPy: Prepared
  readonly kustomize: Prepared
  readonly composeSpec: Prepared
  readonly hadolint: Prepared
  readonly monitoring: Prepared
  readonly promtool: Prepared
}

/**
 * Makes every program of the test bed ready, one after the other; never throws.
 * The first run on a machine builds them: minutes, told by a line on stderr from time to time.
 */
export async function prepareTools(given: Partial<Context> = {}): Promise<PreparedTools> {
  const prepare = async (tool: Tool): Promise<Prepared> => {
    try {
      return { kind: 'ready', path: await obtain(tool, given) }
    } catch (error) {
      return { kind: 'unavailable', reason: error instanceof Error ? error.message : String(error) }
    }
  }
  return {
    natsServer: await prepare(natsServerTool),
    etcd: await prepare(etcdTool),
    apiServer: await prepare(apiServerTool),
    controllerManager: await prepare(controllerManagerTool),
    rolloutStatus: await prepare(rolloutStatusTool),
    webdav: await prepare(webdavTool),
    python: await prepare(pythonTool),
    natsPy: await prepare(natsPyTool),
    kustomize: await prepare(kustomizeTool),
    composeSpec: await prepare(composeSpecTool),
    hadolint: await prepare(hadolintTool),
    monitoring: await prepare(monitoringDefinitions),
    promtool: await prepare(promtoolTool),
  }
}
