/**
 * Owns chosen parts of the sandbox in one process, for a NATS that somebody else runs: as in docker compose.
 *
 * 1. A part whose real one was given is left out, and said so.
 * 2. Everything is on the ports that were asked for, or the start fails: others have been told of them.
 */
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { natsConnectOptions } from '@hermod/jetstream'
import { FatalError, type ServiceDeps } from '@hermod/runtime'
import { type ClusterStandIn, startClusterStandIn } from './cluster-stand-in.ts'
import { startPlayedModel } from './model-cluster.ts'
import type { PartsConfig } from './parts-settings.ts'
import { startPreview } from './preview/preview-server.ts'
import { cutAction, playActions } from './preview-sources.ts'
import { homePaths, makeWritable } from './sandbox-home.ts'
import { startSlackStandIn } from './slack-stand-in.ts'

export async function startChosenParts(
  config: Readonly<PartsConfig>,
  { log }: Pick<ServiceDeps, 'log'>,
): Promise<AsyncDisposable> {
  await using stack = new AsyncDisposableStack()
  const { parts, listen, pagePort } = config
  const given = { cluster: config.kubeconfig, slack: config.slackToken } as const
  const runs = (part: 'cluster' | 'slack'): boolean => parts.includes(part) && given[part] === undefined
  for (const part of ['cluster', 'slack'] as const)
    if (parts.includes(part) && !runs(part)) log.info(`there is a real one: ${part} is left out`)
  const { folder, slackState } = homePaths(config, homedir())
  makeWritable(folder)
  const slack = runs('slack')
    ? stack.use(
        await orTaken('SANDBOX_SLACK_PORT', config.slackPort, () =>
          startSlackStandIn({ stateFile: slackState, ...quiet, port: config.slackPort, host: listen }),
        ),
      )
    : undefined
  const cluster = runs('cluster') ? stack.use(await startCluster(config, folder, log)) : undefined
  if (slack || parts.includes('board')) {
    const actions = cluster ? [...playActions(cluster), cutAction(cluster)] : []
    const page = stack.use(
      await orTaken('SANDBOX_PAGE_PORT', pagePort, () =>
        startPreview({
          ...(slack && { slack: slack.fake }),
          ...(cluster && { cluster: cluster.access }),
          nats: natsConnectOptions(config),
          actions,
          ...(existsSync(bundledPage) && { assets: bundledPage }),
          listen,
          port: pagePort,
          insist: true,
        }),
      ),
    )
    log.info(`the page is at ${page.url}`)
  }
  if (config.loop) cluster?.loop()
  return stack.move()
}

// Beside the bundle, when this is one.
const bundledPage = join(import.meta.dirname, 'page')

// What is posted is seen on the page.
const quiet = { print: () => undefined, look: () => ({ colours: false, width: Number.POSITIVE_INFINITY }) }

async function startCluster(
  { clusterPort, listen, host }: PartsConfig,
  folder: string,
  log: ServiceDeps['log'],
): Promise<ClusterStandIn> {
  const cluster = await orTaken('SANDBOX_CLUSTER_PORT', clusterPort, () =>
    startClusterStandIn(
      (nodes) =>
        startPlayedModel({ folder: `${folder}/cluster-model`, port: clusterPort, listen, host, ...nodes }),
      (line) => log.info(line.trim()),
    ),
  )
  log.info(`the kubeconfig of the cluster is ${cluster.kubeconfig}`)
  return cluster
}

async function orTaken<T>(variable: string, port: number, start: () => Promise<T>): Promise<T> {
  try {
    return await start()
  } catch (cause) {
    const { name, code } = cause as { name?: string; code?: string }
    if (code !== 'EADDRINUSE' && name !== 'PortTaken') throw cause
    throw new FatalError(`port ${port} is taken by another process`, {
      remedy: `set ${variable} to a free one`,
      cause,
    })
  }
}
