/**
 * Owns one service of a pipeline under test, as a process of its own.
 *
 * 1. It can be killed and started again; its settings stay the same, its HTTP port does not.
 * 2. It ends with the test.
 */
import { join } from 'node:path'
import {
  type Component,
  eventually,
  type RunningProcess,
  shippedStart,
  startComponent,
  startProcess,
} from '@hermod/testkit'

export const serviceNames = ['watcher', 'dedupe', 'notifier'] as const

export type ServiceName = (typeof serviceNames)[number]

export interface ServiceReadiness {
  readonly ready: boolean
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail?: string }[]
}

export interface ServiceProcess extends Component {
  readonly name: ServiceName
  /** The status of /livez. */
  liveness(): Promise<number>
  readiness(): Promise<ServiceReadiness>
  metrics(): Promise<string>
}

const root = join(import.meta.dirname, '..', '..')

export interface ServiceOptions {
  /** The folder of the bundles to run, as their images do; the sources if absent. */
  readonly bundles?: string
  /** `--flag=value`s. */
  readonly flags?: readonly string[]
  /** Told all that it writes, piece by piece. */
  readonly hear?: (text: string) => void
}

export async function startService(
  name: ServiceName,
  settings: Readonly<Record<string, string>>,
  { bundles, flags = [], hear }: ServiceOptions = {},
): Promise<ServiceProcess> {
  const { program, start } =
    bundles === undefined
      ? { program: join(root, 'services', name, 'src', 'main.ts'), start: { flags: [], env: {} } }
      : { program: join(bundles, `${name}.mjs`), start: shippedStart(name) }
  const own = { PATH: process.env['PATH'], HTTP_HOST: '127.0.0.1', HTTP_PORT: '0' }
  const env = { ...start.env, ...settings, ...own }
  let port = 0
  const component = await startComponent(async () => {
    const service = await startProcess(process.execPath, [...start.flags, program, ...flags], {
      env,
      cwd: root,
      ...(hear && { hear }),
    })
    port = await portOf(service)
    return service
  })
  const ask = (path: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(5_000) })
  return Object.assign(component, {
    name,
    liveness: async () => (await ask('/livez')).status,
    readiness: async () => (await (await ask('/readyz')).json()) as ServiceReadiness,
    metrics: async () => await (await ask('/metrics')).text(),
  })
}

/** The port that its first log line names; throws at once when it has ended instead. */
async function portOf(service: RunningProcess): Promise<number> {
  const port = await eventually(
    () => {
      const named = /"httpPort":(\d+),"msg":"starting"/.exec(service.output)?.[1]
      if (named === undefined && service.running) throw new Error(`no port is named yet:\n${service.output}`)
      return named
    },
    { everyMs: 20, timeoutMs: 60_000 },
  )
  if (port === undefined) throw new Error(`the service ended at its start:\n${service.output}`)
  return Number(port)
}
