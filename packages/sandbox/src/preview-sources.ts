import type { ClusterStandIn } from './cluster-stand-in.ts'
import type { NatsSource } from './preview/nats-feed.ts'
import type { PreviewAction, PreviewSources } from './preview/preview.ts'
import { scenarios } from './scenario.ts'
import type { SlackStandIn } from './slack-stand-in.ts'

/** Running processes by the names of their parts; one that is just being started again is not among them. */
export type Pids = Map<string, number>

export interface Surroundings {
  readonly slack: SlackStandIn
  readonly nats: NatsSource
  /** Absent where a real one was given. */
  readonly cluster: ClusterStandIn | undefined
  readonly parts: readonly { readonly name: string }[]
  readonly pids: Pids
}

/** What the page looks at, and what its buttons kill: everything comes back by itself. */
export function previewSources({ slack, nats, cluster, parts, pids }: Surroundings): PreviewSources {
  const kills = parts.map(({ name }) => killAction(name, pids))
  return {
    slack: slack.fake,
    nats,
    ...(cluster && { cluster: cluster.access }),
    actions: cluster ? [...playActions(cluster), ...kills, cutAction(cluster)] : kills,
  }
}

/** A button for each scenario. */
export function playActions(cluster: Pick<ClusterStandIn, 'play'>): PreviewAction[] {
  return scenarios.map(({ id, title }) => ({
    id: `play-${id}`,
    label: title,
    group: 'play',
    run: () => cluster.play(id),
  }))
}

function killAction(name: string, pids: Pids): PreviewAction {
  return {
    id: `kill-${name}`,
    label: `Kill ${name}`,
    group: 'break',
    run() {
      const pid = pids.get(name)
      if (pid === undefined) throw new Error('it is not running just now')
      process.kill(pid, 'SIGKILL')
    },
  }
}

export function cutAction(cluster: Pick<ClusterStandIn, 'cut'>): PreviewAction {
  return { id: 'cut-api', label: 'Kill the API server', group: 'break', run: () => cluster.cut() }
}
