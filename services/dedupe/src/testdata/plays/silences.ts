import { annotate, patchDeployment, scale, setImage, waitForRollout } from '@hermod/testkit'
import { good, type Play } from './play.ts'

export const silences: Readonly<Record<string, Play>> = {
  'an annotation': { act: (api, key) => annotate(api, key, { note: 'x' }), says: '' },
  'a label': {
    act: (api, key) => patchDeployment(api, key, { metadata: { labels: { tier: 'front' } } }),
    says: '',
  },
  'another deadline': {
    act: (api, key) => patchDeployment(api, key, { spec: { progressDeadlineSeconds: 99 } }),
    says: '',
  },
  'the same image again': { act: (api, key) => setImage(api, key, good), says: '' },
  'scaling up and down': {
    act: async (api, key) => {
      await scale(api, key, 4)
      await waitForRollout(api, key, { timeoutMs: 60_000 })
      await scale(api, key, 1)
    },
    says: '',
  },
  'scaling to zero': { act: (api, key) => scale(api, key, 0), says: '' },
  'a revision set by hand': {
    act: (api, key) => annotate(api, key, { 'deployment.kubernetes.io/revision': '99' }),
    says: '',
  },
}
