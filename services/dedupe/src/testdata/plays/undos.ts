import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { eventually, getDeployment, patchDeployment, pauseRollout, resumeRollout, setImage, undoRollout } from '@hermod/testkit'
import { allowPods, bad, failed, hangs, impatient, newer, newest, type Play, recreate, refused, update } from './play.ts'

const updatedAndUndone: Play = {
  act: async (api, key) => {
    await update(api, key, newer)
    await undoRollout(api, key)
  },
  says: 'started succeeded started succeeded',
}

export const undos: Readonly<Record<string, Play>> = {
  'an undo': updatedAndUndone,
  'an undo with Recreate': { shape: { spec: recreate }, ...updatedAndUndone },
  'an undo to a revision of long ago': {
    act: async (api, key) => {
      await update(api, key, newer)
      await update(api, key, newest)
      await undoRollout(api, key, 1)
    },
    says: 'started succeeded started succeeded started succeeded',
  },
  'an undo without surge': {
    shape: { replicas: 1, spec: { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } } } },
    ...updatedAndUndone,
  },
  'an undo at zero replicas': { shape: { replicas: 0 }, ...updatedAndUndone },
  'an update taken back at once': {
    act: async (api, key) => {
      await setImage(api, key, bad)
      await undoRollout(api, key, 1)
    },
    timed: true,
    says: 'started superseded started succeeded',
  },
  'a pause in mid-rollout': {
    act: async (api, key) => {
      await setImage(api, key, bad)
      await eventually(async () => {
        const { status } = await getDeployment(api, key)
        assert.equal(status.updatedReplicas, 1)
      })
      await pauseRollout(api, key)
      await undoRollout(api, key)
      await resumeRollout(api, key)
    },
    timed: true,
    says: 'started paused superseded started paused resumed succeeded',
  },
  'a rollback in the second when the attempt before runs out of time': {
    shape: { spec: recreate },
    act: async (api, key) => {
      await setImage(api, key, bad, impatient)
      await hangs(api, key)
      // The controller counts from a whole second and looks a second late.
      await delay(impatient.progressDeadlineSeconds * 1000 - 500)
      await undoRollout(api, key)
    },
    timed: true,
    says: 'started superseded started succeeded',
  },
  'an undo with Recreate onto pods that never come': {
    shape: { spec: recreate },
    act: async (api, key) => {
      await setImage(api, key, bad)
      await hangs(api, key)
      await update(api, key, newer)
      await undoRollout(api, key, 2)
      await hangs(api, key)
    },
    againAfterMs: 600_000,
    says: 'started superseded started succeeded started failed',
  },
  'an undo onto pods that never come': {
    act: async (api, key) => {
      await setImage(api, key, bad)
      await eventually(async () => {
        const { status } = await getDeployment(api, key)
        assert.equal(status.updatedReplicas, 1)
      })
      await update(api, key, newer)
      await patchDeployment(api, key, { spec: impatient })
      await undoRollout(api, key, 2)
      await failed(api, key)
    },
    says: 'started superseded started succeeded started failed',
  },
  'an undo that a quota blocks': {
    namespace: 'empty',
    shape: { spec: recreate },
    act: async (api, key) => {
      await update(api, key, newer)
      await allowPods(api, key.namespace, 0)
      await undoRollout(api, key)
      await refused(api, key)
    },
    againAfterMs: 600_000,
    says: 'started succeeded started stalled failed',
  },
}
