/** What is done to a Deployment in the contract tests: the rows of what was once recorded of a real controller. */

import assert from 'node:assert/strict'
import {
  annotate,
  createDeployment,
  createNamespace,
  type Deployment,
  deleteDeployment,
  eventually,
  type KubeApi,
  listReplicaSets,
  patchDeployment,
  pauseRollout,
  restartRollout,
  resumeRollout,
  scale,
  setEnv,
  undoRollout,
} from '@hermod/testkit'
import { Actor } from './actor.ts'

export type Play = (actor: Actor) => Promise<unknown>

// What a busy machine is slow to do.
const patience = { timeoutMs: 60_000 }
// Long enough that nothing but what never comes exceeds it, on a busy machine too.
const deadline = { progressDeadlineSeconds: 6 }
// With four pods an old one goes too: then the controller is sure to say that the rollout progresses.
const four = { replicas: 4 }
const hangs = ({ status }: Deployment): boolean => status.updatedReplicas === 2 && status.replicas === 5
// Of two old pods the controller sees both gone at once, or says that it progresses: a matter of chance.
const recreate = { strategy: { type: 'Recreate' }, replicas: 1 }

export const stories: Readonly<Record<string, Play>> = {
  'a new Deployment': (actor) => actor.create(),
  'an image update': async (actor) => {
    await actor.create()
    await actor.rollOut('2')
  },
  'an image update of ten pods': async (actor) => {
    await actor.create({ replicas: 10 })
    await actor.rollOut('2')
  },
  'a new variable, then a restart, then the same image again': async (actor) => {
    await actor.create()
    await setEnv(actor.api, actor.key, { MODE: 'fast' })
    await actor.complete()
    await restartRollout(actor.api, actor.key)
    await actor.complete()
    await actor.image('1')
  },
  'an annotation, a label, another field of spec': async (actor) => {
    await actor.create()
    await annotate(actor.api, actor.key, { 'kubernetes.io/change-cause': 'none' })
    await actor.untilObserved()
    await patchDeployment(actor.api, actor.key, { metadata: { labels: { tier: 'web' } } })
    await actor.patch({ progressDeadlineSeconds: 300 })
    await actor.untilObserved()
  },
  'scaling up, down and to nothing': async (actor) => {
    await actor.create()
    await scale(actor.api, actor.key, 4)
    await actor.complete()
    await scale(actor.api, actor.key, 2)
    await actor.complete()
    await scale(actor.api, actor.key, 0)
    await actor.complete()
  },
  'image and replicas in one patch': async (actor) => {
    await actor.create()
    await actor.rollOut('2', { replicas: 3 })
  },
  'a rollback, and one to a revision': async (actor) => {
    await actor.create()
    await annotate(actor.api, actor.key, { 'kubernetes.io/change-cause': 'first' })
    await actor.untilObserved()
    await actor.rollOut('2')
    await undoRollout(actor.api, actor.key)
    await actor.complete()
    await actor.rollOut('3')
    await undoRollout(actor.api, actor.key, 2)
    await actor.complete()
  },
  'a rollback with Recreate, whose Progressing names the old ReplicaSet for ever': async (actor) => {
    await actor.create(recreate)
    await actor.rollOut('2')
    await undoRollout(actor.api, actor.key)
    await actor.complete()
  },
  'a rollback with Recreate onto pods that never come': async (actor) => {
    await createDeployment(actor.api, { ...actor.key, image: 'web:1-unready', spec: recreate })
    await actor.until(({ status }) => status.replicas === 1)
    await actor.rollOut('2')
    await undoRollout(actor.api, actor.key)
    await actor.until(({ status }) => status.updatedReplicas === 1 && !status.availableReplicas)
  },
  'a rollback with no replicas': async (actor) => {
    await actor.create({ replicas: 0 })
    await actor.rollOut('2')
    await undoRollout(actor.api, actor.key)
    await actor.until(({ metadata }) => metadata.annotations?.['deployment.kubernetes.io/revision'] === '3')
    await actor.untilObserved()
  },
  'a pause, an image, a scale and a resume': async (actor) => {
    await actor.create()
    await pauseRollout(actor.api, actor.key)
    await actor.untilObserved()
    await actor.image('2')
    await actor.untilObserved()
    await scale(actor.api, actor.key, 3)
    await actor.until(({ status }) => status.availableReplicas === 3)
    await resumeRollout(actor.api, actor.key)
    await actor.complete()
  },
  'a pause in mid-rollout': async (actor) => {
    await actor.create(four)
    await actor.image('2-unready')
    await actor.until(hangs)
    await pauseRollout(actor.api, actor.key)
    await actor.untilReason('Progressing', 'DeploymentPaused')
    await actor.untilObserved()
  },
  'a quota that lets no new pod in, until it is lifted': async (actor) => {
    await actor.create()
    await actor.quota(2)
    await actor.image('2')
    await actor.untilReason('ReplicaFailure', 'FailedCreate')
    await actor.api.delete(`/api/v1/namespaces/${actor.key.namespace}/resourcequotas/q`)
    await actor.complete()
    await actor.untilReason('ReplicaFailure', undefined)
  },
  'a deadline that passes, then a fix by rollback': async (actor) => {
    await actor.create(four)
    await actor.image('2-unready', deadline)
    await actor.untilReason('Progressing', 'ProgressDeadlineExceeded')
    await undoRollout(actor.api, actor.key)
    await actor.complete()
  },
  'a rollout that is overtaken': async (actor) => {
    await actor.create(four)
    await actor.image('2-unready')
    await actor.until(hangs)
    await actor.rollOut('3')
  },
  'back to the old image in mid-rollout': async (actor) => {
    await actor.create(four)
    await actor.image('2-unready')
    await actor.until(hangs)
    await actor.rollOut('1')
  },
  'minReadySeconds between ready and available': async (actor) => {
    await actor.create({ minReadySeconds: 1, replicas: 1 })
    await actor.rollOut('2')
  },
  'an update with Recreate': async (actor) => {
    await actor.create(recreate)
    await actor.rollOut('2')
  },
  'no surge': async (actor) => {
    await actor.create({ strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } }, replicas: 3 })
    await actor.rollOut('2')
  },
  'old ReplicaSets beyond the history limit': async (actor) => {
    await actor.create({ revisionHistoryLimit: 1 })
    for (const tag of ['2', '3', '4']) await actor.rollOut(tag)
    await eventually(
      async () => assert.equal((await listReplicaSets(actor.api, actor.key)).length, 2),
      patience,
    )
  },
  ...deletions(),
  ...failures(),
}

function deletions(): Readonly<Record<string, Play>> {
  const gone = async ({ api, key }: Actor): Promise<void> => {
    await eventually(async () => {
      for (const path of ['/apis/apps/v1', '/api/v1'])
        for (const kind of path === '/api/v1' ? ['pods'] : ['deployments', 'replicasets'])
          assert.deepEqual((await api.list(`${path}/namespaces/${key.namespace}/${kind}`)).items, [])
    }, patience)
  }
  return {
    'a deletion': async (actor) => {
      await actor.create()
      await deleteDeployment(actor.api, actor.key)
      await gone(actor)
    },
    'a deletion in the foreground': async (actor) => {
      await actor.create()
      await deleteDeployment(actor.api, actor.key, 'Foreground')
      await gone(actor)
    },
    'a deletion that leaves the pods to themselves, and a Deployment that adopts them': async (actor) => {
      await actor.create()
      await deleteDeployment(actor.api, actor.key, 'Orphan')
      await eventually(
        async () =>
          assert.deepEqual(
            (await actor.api.list(`/apis/apps/v1/namespaces/${actor.key.namespace}/deployments`)).items,
            [],
          ),
        patience,
      )
      await actor.create()
    },
    'a deletion, and the same name again': async (actor) => {
      await actor.create()
      await deleteDeployment(actor.api, actor.key)
      await gone(actor)
      await actor.create()
    },
    'the end of a namespace': async (actor) => {
      await actor.create()
      await actor.api.delete(`/api/v1/namespaces/${actor.key.namespace}`)
      await eventually(
        async () =>
          assert.deepEqual(
            (await actor.api.list(`/apis/apps/v1/namespaces/${actor.key.namespace}/deployments`)).items,
            [],
          ),
        patience,
      )
    },
  }
}

function failures(): Readonly<Record<string, Play>> {
  const fates = ['missing', 'crash', 'hungry', 'config', 'nowhere', 'unmounted']
  return Object.fromEntries(
    fates.map((fate) => [
      `an image whose pods end as ${fate}`,
      async (actor: Actor) => {
        await actor.create(four)
        await actor.image(`2-${fate}`)
        await actor.until(hangs)
      },
    ]),
  )
}

/** In a namespace of its own, named after its number. */
export async function play(api: KubeApi, namespace: string, story: Play): Promise<void> {
  await createNamespace(api, namespace)
  await story(new Actor(api, { namespace, name: 'web' }))
}
