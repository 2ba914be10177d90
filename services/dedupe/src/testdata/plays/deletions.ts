import assert from 'node:assert/strict'
import { createDeployment, deleteDeployment, eventually, getDeployment, setImage, waitForRollout } from '@hermod/testkit'
import { bad, good, type Play } from './play.ts'

export const deletions: Readonly<Record<string, Play>> = {
  'deletion in the foreground': {
    act: (api, key) => deleteDeployment(api, key, 'Foreground'),
    says: 'deleted',
  },
  'deletion that orphans': { act: (api, key) => deleteDeployment(api, key, 'Orphan'), says: 'deleted' },
  'deletion of its namespace': {
    namespace: 'doomed',
    act: (api) => api.delete('/api/v1/namespaces/doomed'),
    says: 'deleted',
  },
  'deletion of its namespace in mid-rollout': {
    namespace: 'doomed-too',
    act: async (api, key) => {
      await setImage(api, key, bad)
      await eventually(async () => {
        const { status } = await getDeployment(api, key)
        assert.equal(status.updatedReplicas, 1)
      })
      await api.delete('/api/v1/namespaces/doomed-too')
    },
    says: 'started deleted',
  },
  'deletion and another of the same name': {
    act: async (api, key) => {
      await deleteDeployment(api, key)
      await createDeployment(api, { ...key, image: good })
      await waitForRollout(api, key, { timeoutMs: 60_000 })
    },
    says: 'deleted started succeeded',
  },
}
