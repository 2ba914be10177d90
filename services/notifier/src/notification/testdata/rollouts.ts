import type { Cause, ContainerFacts, Rollout, RolloutTransition, TransitionKind } from '@hermod/contracts'

export const startedAt = '2026-11-22T14:22:00Z'

/** 2026-11-22 14:22 UTC and so many seconds. */
export function after(seconds: number): string {
  return new Date(Date.parse(startedAt) + seconds * 1000).toISOString()
}

export function container(image: string, facts: Partial<ContainerFacts> = {}): ContainerFacts {
  return { name: 'app', role: 'container', image, envNames: [], requests: {}, limits: {}, probes: [], ...facts }
}

/** checkout 2.4.0 → 2.4.1 in shop, just begun. */
export function rollout(facts: Partial<Rollout> = {}): Rollout {
  return {
    cluster: 'prod-eu',
    namespace: 'shop',
    name: 'checkout',
    uid: '9b1f6d5e-0000-4000-8000-000000000001',
    attempt: 42,
    phase: 'progressing',
    reason: 'ReplicaSetUpdated',
    revision: '42',
    replicas: { wanted: 5, total: 6, updated: 3, ready: 5, available: 5, unavailable: 1 },
    containers: [container('registry.example/checkout:2.4.1')],
    change: {
      classes: ['new-image'],
      images: [
        { container: 'app', from: 'registry.example/checkout:2.4.0', to: 'registry.example/checkout:2.4.1' },
      ],
      env: [],
      resources: [],
      otherAspects: [],
    },
    times: { startedAt, progressedAt: startedAt },
    typicalSeconds: 70,
    lastGood: {
      attempt: 41,
      revision: '41',
      containers: [container('registry.example/checkout:2.4.0')],
      git: { sha: 'a1b2c3d4e5f60718293a4b5c6d7e8f9012345678', repo: 'https://github.com/acme/checkout' },
      finishedAt: '2026-11-19T14:00:00Z',
      tookSeconds: 66,
    },
    git: { sha: 'c48655970ce3485815638ff8e430d9c69588bed2', repo: 'https://github.com/acme/checkout' },
    changedBy: { manager: 'helm', operation: 'Update' },
    team: 'payments',
    annotations: {},
    namespaceAnnotations: { 'hermod.uswitch.com/slack': 'deploys' },
    namespaceListed: false,
    problems: [],
    ...facts,
  }
}

export function transition(
  kind: TransitionKind,
  n: number,
  facts: Partial<Rollout> = {},
  at: string = startedAt,
): RolloutTransition {
  return { version: 1, kind, epoch: 1, n, at, rollout: rollout(facts) }
}

export function cause(facts: Partial<Cause> = {}): Cause {
  return {
    reason: 'ImagePullBackOff',
    message: 'Back-off pulling image "registry.example/checkout:2.4.1": not found',
    pods: 2,
    container: { name: 'app', role: 'container', image: 'registry.example/checkout:2.4.1' },
    restarts: 0,
    ...facts,
  }
}

/** As `transition`, happening as it is called. */
export function happeningNow(kind: TransitionKind, n: number, facts: Partial<Rollout> = {}): RolloutTransition {
  return transition(kind, n, facts, new Date().toISOString())
}
