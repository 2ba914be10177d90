import { FatalError } from '@hermod/runtime'
import type { HomePaths } from './sandbox-home.ts'
import type { Part, StandIns } from './sandbox-plan.ts'
import type { SandboxConfig } from './sandbox-settings.ts'
import type { ProcessEvent } from './supervisor.ts'

export interface Start {
  readonly config: SandboxConfig
  readonly choice: StandIns
  readonly parts: readonly Part[]
  readonly paths: HomePaths
  readonly kubeconfig: string | undefined
  /** Address of the page that shows the Slack that stands in. */
  readonly page: string | undefined
}

const standIns = { model: 'a model of one', real: 'a real control plane' } as const

/** What runs where, and what to do next. */
export function describeStart({ config, choice, parts, paths, kubeconfig, page }: Start): string {
  const port = (name: string): number | undefined =>
    Object.values(parts.find((part) => part.name === name)?.ports ?? {})[0]
  const rows: readonly [string, string][] = [
    [
      'cluster',
      choice.cluster ? `${standIns[config.cluster]}, KUBECONFIG=${kubeconfig}` : `that of ${kubeconfig}`,
    ],
    [
      'nats',
      choice.nats
        ? `nats://127.0.0.1:${port('nats-server')}`
        : withoutLogin((config.natsUrls ?? []).join(', ')),
    ],
    ...(['watcher', 'dedupe', 'notifier'] as const).map((name): [string, string] => [
      name,
      `http://127.0.0.1:${port(name)}/metrics  /readyz  /livez`,
    ]),
    ...(page === undefined ? [['slack', config.slackApiUrl ?? 'slack.com'] as [string, string]] : []),
    ['processes', paths.runFile],
    ['logs', paths.logs],
  ]
  return [
    '',
    'Hermod is starting.',
    ...(page === undefined ? [] : [`Open ${page} to see what people would read in Slack.`]),
    '',
    ...rows.map(([name, where]) => `  ${name.padEnd(10)} ${where}`),
    '',
    whatToDo(config, choice, page),
    'Ctrl-C ends all of it; what it knows is kept for the next start.',
    '',
  ].join('\n')
}

function whatToDo({ loop }: SandboxConfig, { cluster }: StandIns, page: string | undefined): string {
  if (!cluster)
    return 'Roll something out in a namespace with the annotation hermod.uswitch.com/slack, or one of NAMESPACES.'
  const played = loop
    ? 'Rollouts of every kind are played, one after the other.'
    : 'Nothing is played by itself.'
  const byHand = page === undefined ? 'Kill' : 'Play one from the page, break something there, or kill'
  return `${played} ${byHand} any process: it comes back, nothing is lost.`
}

/** A NATS address may hold a password. */
function withoutLogin(addresses: string): string {
  return addresses.replaceAll(/\/\/[^@/\s,]*@/g, '//')
}

type Ended = Extract<ProcessEvent, { kind: 'ended' }>

export function partNews(name: string, logFile: string, { how, restartInMs }: Ended): string {
  return `  ${name} ${how}: starting it again in ${(restartInMs / 1000).toFixed(1)} s (its log is ${logFile})`
}

/** The end of a part that has no second try, with the last words of its log. */
export function gaveUp(name: string, logFile: string, log: string): FatalError {
  const lastWords = log.trimEnd().split('\n').slice(-8).join('\n')
  return new FatalError(`${name} cannot run as it is configured:\n${lastWords}`, {
    remedy: `mend what it names (its log is ${logFile}), then start again`,
  })
}
