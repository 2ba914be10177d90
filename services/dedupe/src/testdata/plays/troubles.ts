import { patchDeployment, type Pod, scale, setImage, undoRollout, waitForRollout } from '@hermod/testkit'
import { allowPods, bad, failed, impatient, late, newer, newest, patient, type Play, refused, update } from './play.ts'

export const troubles: Readonly<Record<string, Play>> = {
  'a failure and its undo': {
    act: async (api, key) => {
      await setImage(api, key, bad, impatient)
      await failed(api, key)
      await patchDeployment(api, key, { spec: patient })
      await undoRollout(api, key)
    },
    says: 'started failed started succeeded',
  },
  'a failure and its fix': {
    act: async (api, key) => {
      await setImage(api, key, bad, impatient)
      await failed(api, key)
      await setImage(api, key, newest, patient)
    },
    says: 'started failed started succeeded',
  },
  'a deadline exceeded, and pods that come late': {
    act: (api, key) => update(api, key, late, impatient),
    timed: true,
    says: 'started failed recovered',
  },
  'an update that a quota blocks': {
    namespace: 'full',
    act: async (api, key) => {
      await allowPods(api, key.namespace, 2)
      await setImage(api, key, newer)
      await refused(api, key)
    },
    says: 'started stalled',
  },
  'an update that a quota blocks until its deadline': {
    namespace: 'brimful',
    act: async (api, key) => {
      await allowPods(api, key.namespace, 2)
      await setImage(api, key, newer, impatient)
      await failed(api, key)
    },
    timed: true,
    says: 'started stalled failed',
  },
  'a quota that is lifted': {
    namespace: 'lifted',
    act: async (api, key) => {
      const lift = await allowPods(api, key.namespace, 2)
      await setImage(api, key, newer)
      await refused(api, key)
      await lift()
      await waitForRollout(api, key, { timeoutMs: 120_000 })
    },
    timed: true,
    says: 'started stalled succeeded',
  },
  'scaling up under a quota': {
    namespace: 'tight',
    act: async (api, key) => {
      await allowPods(api, key.namespace, 2)
      await scale(api, key, 4)
      await refused(api, key)
    },
    says: '',
  },
  'the loss of all pods': {
    act: async (api, key) => {
      const path = `/api/v1/namespaces/${key.namespace}/pods`
      const { items } = await api.list<Pod>(path)
      const own = items.filter(({ metadata }) => metadata.labels?.['app'] === key.name)
      await Promise.all(own.map(({ metadata }) => api.delete(`${path}/${metadata.name}`)))
      await waitForRollout(api, key, { timeoutMs: 60_000 })
    },
    says: '',
  },
}
