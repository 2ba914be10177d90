/**
 * Owns everything that `npm start` runs.
 *
 * 1. What is given is used, what is not stands in (sandbox-plan.ts decides).
 * 2. Whatever was started is ended in the opposite order, also when a later part cannot be started.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { lockExclusively, natsServerTool, obtain } from '@hermod/testkit'
import { obtainBundles } from './bundles.ts'
import { startClusterStandIn } from './cluster-stand-in.ts'
import { checkGiven, choosePorts } from './given-parts.ts'
import { startModelCluster } from './model-cluster.ts'
import { startParts } from './own-parts.ts'
import { startPreview } from './preview/preview-server.ts'
import { type Pids, previewSources } from './preview-sources.ts'
import { untilReady, watchReadiness } from './readiness-watch.ts'
import { startRealCluster } from './real-cluster.ts'
import { openRunFile } from './run-file.ts'
import { claimHome, homePaths } from './sandbox-home.ts'
import { chooseStandIns, natsConfig, natsToListenTo, type Part, planParts } from './sandbox-plan.ts'
import type { SandboxConfig } from './sandbox-settings.ts'
import type { Look } from './slack-printer.ts'
import { startSlackStandIn } from './slack-stand-in.ts'
import { describeStart, gaveUp, partNews } from './start-text.ts'

// A NATS of somebody else may be away: then the services say so too.
const provisionWithinMs = 5_000

const portsLock = join(tmpdir(), `hermod-ports-${process.getuid?.() ?? 0}.lock`)

const folder = join(import.meta.dirname, '..', '..', '..')

export interface SandboxOptions {
  readonly config: SandboxConfig
  readonly env: Readonly<Record<string, string | undefined>>
  readonly argv: readonly string[]
  /** One or more lines for the person in front of it. */
  readonly print: (text: string) => void
  readonly look: () => Look
}

export interface Sandbox extends AsyncDisposable {
  /** Rejects when a part ends that cannot be started again; else never settles. */
  readonly failed: Promise<never>
}

/** Throws a FatalError, or testkit's ToolUnavailable, for what a person has to mend. */
export async function startSandbox({ config, env, argv, print, look }: SandboxOptions): Promise<Sandbox> {
  await checkGiven(config)
  await using stack = new AsyncDisposableStack()
  const paths = homePaths(config, homedir())
  stack.use(await claimHome(paths))
  const choice = chooseStandIns(config)
  const run = stack.use(
    openRunFile(paths.runFile, {
      pid: process.pid,
      startedAt: new Date().toISOString(),
      home: paths.folder,
      folder,
    }),
  )
  const startCluster = { model: startModelCluster, real: startRealCluster }[config.cluster]
  const [bundles, natsServer, cluster] = await Promise.all([
    obtainBundles(folder, paths.bundles, print),
    choice.nats ? obtain(natsServerTool, { log: print }) : undefined,
    choice.cluster
      ? startClusterStandIn(
          (nodes) => startCluster(`${paths.cluster}-${config.cluster}`, run, nodes),
          print,
        ).then((started) => stack.use(started))
      : undefined,
  ])
  // Of two that start at once neither must take for free what the other is about to listen on.
  using _choosing = await lockExclusively(portsLock, () => undefined)
  const ports = await choosePorts(config)
  const slack = choice.slack
    ? stack.use(await startSlackStandIn({ stateFile: paths.slackState, print, look }))
    : undefined
  const kubeconfig = cluster?.kubeconfig
  const given = { paths, ports, bundles, natsServer, kubeconfig, argv, slack, node: process.execPath }
  if (choice.nats) writeFileSync(join(paths.settings, 'nats.conf'), natsConfig(given), { mode: 0o600 })

  const { promise: failed, reject: fail } = Promise.withResolvers<never>()
  failed.catch(() => undefined)
  const parts = planParts(config, choice, given)
  const pids: Pids = new Map()
  const startSome = (some: readonly Part[]): void =>
    void stack.use(
      startParts(some, {
        folder,
        paths,
        env,
        run,
        onEvent(part, event) {
          const log = join(paths.logs, `${part.name}.log`)
          if (event.kind === 'started') pids.set(part.name, event.pid)
          else pids.delete(part.name)
          if (event.kind === 'gave-up') fail(gaveUp(part.name, log, readFileSync(log, 'utf8')))
          if (event.kind === 'ended') print(partNews(part.name, log, event))
        },
      }),
    )
  // What finds its consumer missing looks again after five seconds: so what makes it is there first.
  const services = parts.findIndex(({ name }) => name === 'watcher')
  startSome(parts.slice(0, services))
  await Promise.race([failed, untilReady(ports.provision, AbortSignal.timeout(provisionWithinMs))])
  startSome(parts.slice(services))
  const page =
    slack &&
    stack.use(
      await startPreview({
        ...previewSources({ slack, nats: natsToListenTo(config, ports), cluster, parts, pids }),
        assets: join(bundles, 'page'),
      }),
    )
  if (page) run.set('page', { ports: { http: page.port }, starts: 1 })
  print(
    describeStart({
      config,
      choice,
      parts,
      paths,
      kubeconfig: kubeconfig ?? config.kubeconfig,
      page: page?.url,
    }),
  )
  const watching = new AbortController()
  const watched = watchReadiness({
    ports: Object.fromEntries(parts.flatMap(({ name, ports: { http } }) => (http ? [[name, http]] : []))),
    tell: (service, news) => print(`  ${service} ${news}`),
    onAllReady: () => config.loop && cluster?.loop(),
    signal: watching.signal,
  })
  stack.defer(() => watched)
  stack.defer(() => watching.abort())
  const started = stack.move()
  return { failed, [Symbol.asyncDispose]: () => started.disposeAsync() }
}
