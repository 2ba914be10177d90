import { patchDeployment, pauseRollout, restartRollout, resumeRollout, scale, setEnv, setImage, waitForRollout } from '@hermod/testkit'
import { bad, newer, newest, type Play, recreate, update } from './play.ts'

export const updates: Readonly<Record<string, Play>> = {
  'an image update': { act: (api, key) => update(api, key, newer), says: 'started succeeded' },
  'an image update of ten pods': {
    shape: { replicas: 10 },
    act: (api, key) => update(api, key, newer),
    says: 'started succeeded',
  },
  'an env value': { act: (api, key) => setEnv(api, key, { A: 'b' }), says: 'started succeeded' },
  'a restart': { act: (api, key) => restartRollout(api, key), says: 'started succeeded' },
  'an image with its change-cause': {
    act: async (api, key) => {
      const template = { spec: { containers: [{ name: 'app', image: newer }] } }
      const annotations = { 'kubernetes.io/change-cause': 'PR 7' }
      await patchDeployment(api, key, { metadata: { annotations }, spec: { template } })
      await waitForRollout(api, key, { timeoutMs: 60_000 })
    },
    says: 'started succeeded',
  },
  'image and replicas at once': {
    act: (api, key) => setImage(api, key, newer, { replicas: 3 }),
    says: 'started succeeded',
  },
  'an update with Recreate': {
    shape: { spec: recreate },
    act: (api, key) => update(api, key, newer),
    says: 'started succeeded',
  },
  'an update at zero replicas': {
    shape: { replicas: 0 },
    act: (api, key) => setImage(api, key, newer),
    says: 'started succeeded',
  },
  'pause, image and resume': {
    act: async (api, key) => {
      await pauseRollout(api, key)
      await setImage(api, key, newer)
      await resumeRollout(api, key)
    },
    says: 'started paused resumed succeeded',
  },
  'pause, image, scale and resume': {
    act: async (api, key) => {
      await pauseRollout(api, key)
      await setImage(api, key, newer)
      await scale(api, key, 3)
      await resumeRollout(api, key)
    },
    says: 'started paused resumed succeeded',
  },
  minReadySeconds: {
    shape: { spec: { minReadySeconds: 1 } },
    act: (api, key) => update(api, key, newer),
    says: 'started succeeded',
  },
  'no deadline at all': {
    shape: { spec: { progressDeadlineSeconds: 2 ** 31 - 1 } },
    act: (api, key) => update(api, key, newer),
    says: 'started succeeded',
  },
  'an update overtaken by another': {
    act: async (api, key) => {
      await setImage(api, key, bad)
      await setImage(api, key, newest)
    },
    says: 'started superseded started succeeded',
  },
  'scaling in mid-rollout': {
    act: async (api, key) => {
      await setImage(api, key, newer)
      await scale(api, key, 4)
    },
    says: 'started succeeded',
  },
}
