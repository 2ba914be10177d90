import {
  encodeEvent,
  type Rollout,
  rolloutSubject,
  type TransitionKind,
  transitionVersion,
} from '@hermod/contracts'
import { type ConnectOptions, connectJetStream, type JetStreamConnection } from '@hermod/jetstream'

const silent = (): void => undefined
const log = { debug: silent, info: silent, warn: silent, error: silent }

/** Somebody who says on NATS what dedupe would. */
export function connectSpeaker(
  server: string,
  credentials?: ConnectOptions['credentials'],
): Promise<JetStreamConnection> {
  return connectJetStream({ servers: [server], name: 'speaker', log, ...(credentials && { credentials }) })
}

export function sampleRollout(facts: Partial<Rollout> = {}): Rollout {
  const startedAt = new Date(Date.now() - 20_000).toISOString()
  return {
    cluster: 'sandbox',
    namespace: 'shop',
    name: 'checkout',
    uid: '9b1f6d5e-0000-4000-8000-000000000001',
    attempt: 2,
    phase: 'progressing',
    reason: 'ReplicaSetUpdated',
    replicas: { wanted: 5, total: 6, updated: 3, ready: 5, available: 5, unavailable: 1 },
    containers: [],
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
    git: {},
    annotations: {},
    namespaceListed: true,
    problems: [],
    ...facts,
  }
}

export function sayState({ nats }: JetStreamConnection, n: number, rollout: Rollout): void {
  const subject = `hermod.state.${rollout.cluster}.${rollout.namespace}.${rollout.name}`
  nats.publish(subject, JSON.stringify({ version: 1, epoch: 1, n, rollout }))
}

export function sayTransition(
  { nats }: JetStreamConnection,
  kind: TransitionKind,
  n: number,
  rollout: Rollout,
): void {
  const at = new Date().toISOString()
  const event = encodeEvent({
    id: `${kind}-${n}`,
    source: '/hermod/dedupe/sandbox',
    type: 'transition',
    subject: `${rollout.namespace}/${rollout.name}`,
    time: at,
    data: { version: transitionVersion, kind, epoch: 1, n, at, rollout },
  })
  nats.publish(rolloutSubject(rollout, kind, 16), event)
}
