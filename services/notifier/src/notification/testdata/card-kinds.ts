import type { RolloutTransition } from '@hermod/contracts'
import type { About } from '../render.ts'
import type { RolloutStory, Story } from '../card.ts'
import { betweenTwoStarts, crash, diagnosed, pull } from './diagnoses.ts'
import { crowdKinds } from './crowd-kinds.ts'
import { after, cause, container, rollout, transition } from './rollouts.ts'

export interface CardKind {
  readonly name: string
  readonly story: Story
  readonly about?: Partial<About>
  /** The broadcast reply instead of the card. */
  readonly isReply?: true
}

function told(shown: RolloutTransition, facts: Partial<RolloutStory> = {}): RolloutStory {
  return {
    kind: 'rollout',
    epoch: 1,
    n: shown.n,
    shown,
    late: false,
    hidden: false,
    mention: ['S0PAYMENTS'],
    withdrawals: 0,
    withdrawn: false,
    ...facts,
  }
}

const bad = { word: { n: 1, says: 'bad' } } as const
const recovered = transition(
  'recovered',
  4,
  {
    phase: 'complete',
    reason: 'NewReplicaSetAvailable',
    times: { ...rollout().times, failedAt: after(600), finishedAt: after(840) },
  },
  after(840),
)
const live = { phase: 'complete', reason: 'NewReplicaSetAvailable' } as const
const change = rollout().change
const { supersededBy } = rollout({
  supersededBy: {
    attempt: 43,
    images: [{ container: 'app', from: 'registry.example/checkout:2.4.1', to: 'registry.example/checkout:2.4.2' }],
  },
})

/** Every kind of message that people can get. */
export const cardKinds: readonly CardKind[] = [
  { name: 'started', story: told(transition('started', 1)) },
  {
    name: 'started-new-deployment',
    story: told(
      transition('started', 1, {
        change: { ...change, classes: ['new-deployment'], images: [] },
        lastGood: undefined,
        revision: undefined,
      }),
    ),
  },
  {
    name: 'started-restart',
    story: told(transition('started', 1, { change: { ...change, classes: ['restart'], images: [] } })),
  },
  {
    name: 'started-rollback',
    story: told(
      transition('started', 1, {
        containers: [container('registry.example/checkout:2.4.0')],
        change: {
          ...change,
          classes: ['new-image', 'rollback'],
          rollbackTo: '41',
          images: [{ container: 'app', from: 'registry.example/checkout:2.4.1', to: 'registry.example/checkout:2.4.0' }],
        },
      }),
    ),
  },
  {
    name: 'started-config',
    story: told(transition('started', 1, { change: { ...change, classes: ['config'], images: [] } })),
  },
  {
    name: 'started-resources',
    story: told(transition('started', 1, { change: { ...change, classes: ['resources'], images: [] } })),
  },
  {
    name: 'started-zero-replicas',
    story: told(transition('started', 1, { replicas: { wanted: 0, total: 0, updated: 0, ready: 0, available: 0, unavailable: 0 } })),
  },
  {
    name: 'started-seen-on-its-way',
    story: told(transition('started', 1, { change: { ...change, classes: [], images: [] }, lastGood: undefined })),
  },
  {
    name: 'live-new-deployment',
    story: told(
      transition('succeeded', 2, { ...live, change: { ...change, classes: ['new-deployment'], images: [] } }, after(72)),
    ),
  },
  {
    name: 'stuck-new-deployment',
    story: told(
      transition(
        'stalled',
        2,
        {
          ...diagnosed({ reason: 'CreateContainerConfigError', message: 'secret "checkout" not found' }),
          change: { ...change, classes: ['new-deployment'], images: [] },
          replicas: { wanted: 2, total: 2, updated: 2, ready: 0, available: 0, unavailable: 2 },
          lastGood: undefined,
        },
        after(4),
      ),
      bad,
    ),
  },
  {
    name: 'stuck-out-of-memory',
    story: told(
      transition(
        'stalled',
        2,
        {
          ...diagnosed({ reason: 'OOMKilled', pods: 1, restarts: 2, lastTermination: { reason: 'OOMKilled', exitCode: 137 } }),
          containers: [container('registry.example/checkout:2.4.1', { limits: { memory: '256Mi' } })],
        },
        after(25),
      ),
      bad,
    ),
  },
  { name: 'stuck-between-two-starts', story: told(transition('stalled', 2, betweenTwoStarts, after(25)), bad) },
  { name: 'live', story: told(transition('succeeded', 2, live, after(72))) },
  { name: 'live-late', story: told(transition('succeeded', 2, live, after(72)), { late: true }) },
  {
    name: 'live-rollback',
    story: told(transition('succeeded', 2, { ...live, change: { ...change, classes: ['rollback'], rollbackTo: '41', images: [] } }, after(20))),
  },
  { name: 'stuck-image', story: told(transition('stalled', 2, pull, after(4)), bad) },
  { name: 'stuck-image-first-post', story: told(transition('stalled', 2, pull, after(4)), bad), about: { tellsWord: true } },
  { name: 'stuck-image-reply', story: told(transition('stalled', 2, pull, after(4)), bad), isReply: true },
  {
    name: 'stuck-withdrawn-reply',
    story: told(transition('progressed', 3, {}, after(30)), { ...bad, withdrawn: true, withdrawals: 1 }),
    isReply: true,
  },
  {
    name: 'stuck-old-version-too',
    story: told(
      transition('stalled', 2, diagnosed({ message: 'dial tcp: lookup registry.example: no such host' }, 2), after(4)),
      bad,
    ),
  },
  {
    name: 'stuck-config',
    story: told(
      transition(
        'stalled',
        2,
        diagnosed({ reason: 'CreateContainerConfigError', message: 'configmap "checkout-env" not found' }),
        after(4),
      ),
      bad,
    ),
  },
  {
    name: 'stuck-quota',
    story: told(
      transition(
        'stalled',
        2,
        diagnosed({
          reason: 'FailedCreate',
          message: 'pods "checkout-7d9f-" is forbidden: exceeded quota: compute, requested: cpu=1, used: cpu=10, limited: cpu=10',
          pods: 0,
          container: undefined,
        }),
        after(1),
      ),
      bad,
    ),
  },
  {
    name: 'stuck-unschedulable',
    story: told(
      transition(
        'stalled',
        2,
        diagnosed({ reason: 'Unschedulable', message: '0/3 nodes are available: 3 Insufficient cpu.', container: undefined }),
        after(60),
      ),
    ),
  },
  {
    name: 'stuck-crash',
    story: told(
      transition(
        'stalled',
        2,
        diagnosed({
          reason: 'CrashLoopBackOff',
          pods: 1,
          restarts: 2,
          lastTermination: { reason: 'Error', exitCode: 1, message: 'panic: DB_URL is not set' },
        }),
        after(25),
      ),
      bad,
    ),
  },
  {
    name: 'stuck-two-causes',
    story: told(
      transition(
        'stalled',
        2,
        {
          ...pull,
          diagnosis: {
            causes: [cause({ pods: 1 }), cause({ reason: 'Unschedulable', message: '0/3 nodes are available: 3 Insufficient cpu.', pods: 1, container: undefined })],
            newPods: 2,
            oldPods: 4,
            oldPodsFailingAlike: 0,
          },
          replicas: { wanted: 5, total: 6, updated: 2, ready: 4, available: 4, unavailable: 2 },
        },
        after(70),
      ),
      bad,
    ),
  },
  { name: 'failed', story: told(transition('failed', 3, crash, after(600)), bad) },
  { name: 'failed-reply', story: told(transition('failed', 3, crash, after(600)), bad), isReply: true },
  {
    name: 'failed-without-diagnosis',
    story: told(
      transition(
        'failed',
        3,
        {
          ...crash,
          diagnosis: undefined,
          lastGood: undefined,
          message: 'ReplicaSet "checkout-7d9f" has timed out progressing.',
        },
        after(600),
      ),
      bad,
    ),
  },
  { name: 'failed-small', story: told(transition('failed', 3, crash, after(600)), bad), about: { size: 'small' } },
  { name: 'failed-plain', story: told(transition('failed', 3, crash, after(600)), bad), about: { size: 'plain' } },
  { name: 'recovered', story: told(recovered, { word: { n: 2, says: 'recovered' } }) },
  { name: 'recovered-reply', story: told(recovered, { word: { n: 2, says: 'recovered' } }), isReply: true },
  {
    name: 'paused',
    story: told(
      transition(
        'paused',
        2,
        { phase: 'paused', replicas: { wanted: 5, total: 6, updated: 2, ready: 5, available: 5, unavailable: 1 } },
        after(9),
      ),
    ),
  },
  { name: 'resumed', story: told(transition('resumed', 3, {}, after(60))) },
  {
    name: 'superseded',
    story: told(transition('superseded', 3, { phase: 'superseded', supersededBy }, after(40))),
    about: { successor: 'https://acme.slack.com/archives/C000000001/p1700000000000100' },
  },
  { name: 'deleted', story: told(transition('deleted', 3, { phase: 'deleted' }, after(40))) },
  { name: 'released', story: told(transition('released', 3, {}, after(40))) },
  { name: 'goes-on-from-another', story: told(transition('succeeded', 2, live, after(72))), about: { outdated: 'https://acme.slack.com/archives/C000000001/p1690000000000100' } },
  {
    name: 'annotation-problem',
    story: told(
      transition('started', 1, {
        problems: [
          {
            annotation: 'hermod.uswitch.com/alert',
            on: 'Namespace',
            value: 'failures',
            problem: 'is not "failure", so everything is told',
          },
        ],
      }),
    ),
  },
  ...crowdKinds,
]
