import type { Story } from '../card.ts'
import { pull } from './diagnoses.ts'
import { after, transition } from './rollouts.ts'

const live = { phase: 'complete', reason: 'NewReplicaSetAvailable' } as const

/** The messages that are about no single rollout. */
export const crowdKinds: readonly { readonly name: string; readonly story: Story }[] = [
  {
    name: 'digest',
    story: {
      kind: 'digest',
      about: 'late',
      items: [
        { card: 'a', transition: transition('succeeded', 2, { ...live, name: 'cart' }, after(0)) },
        { card: 'b', transition: transition('succeeded', 2, { ...live, name: 'search' }, after(120)) },
        { card: 'c', transition: transition('succeeded', 2, { ...live, name: 'web' }, after(400)) },
        { card: 'd', transition: transition('failed', 2, { ...pull, phase: 'failed' }, after(420)) },
      ],
    },
  },
  {
    name: 'digest-of-two-namespaces',
    story: {
      kind: 'digest',
      about: 'late',
      items: [
        { card: 'a', transition: transition('succeeded', 2, { ...live, name: 'cart' }, after(0)) },
        { card: 'b', transition: transition('succeeded', 2, { ...live, namespace: 'blog', name: 'web' }, after(120)) },
        { card: 'c', transition: transition('progressed', 2, { namespace: 'blog', name: 'search' }, after(400)) },
        { card: 'd', transition: transition('failed', 2, { ...pull, phase: 'failed' }, after(420)) },
      ],
    },
  },
  {
    name: 'digest-deletions',
    story: {
      kind: 'digest',
      about: 'deletions',
      items: ['cart', 'search', 'web', 'jobs'].map((name) => ({
        card: name,
        transition: transition('deleted', 2, { phase: 'deleted', name }),
      })),
    },
  },
  {
    name: 'notice',
    story: { kind: 'notice', channel: 'deplyos', problem: 'channel_not_found', example: 'shop/checkout' },
  },
  {
    name: 'notice-refused',
    story: {
      kind: 'notice',
      channel: 'board',
      problem: 'is not one of SLACK_CHANNELS_ALLOWED',
      example: 'shop/checkout',
      instead: ['deploys'],
    },
  },
]
