import { createDeployment, deleteDeployment, waitForRollout } from '@hermod/testkit'
import { good, type Play } from './play.ts'

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
  'deletion and another of the same name': {
    act: async (api, key) => {
      await deleteDeployment(api, key)
      await createDeployment(api, { ...key, image: good })
      await waitForRollout(api, key, { timeoutMs: 60_000 })
    },
    says: 'deleted started succeeded',
  },
}
