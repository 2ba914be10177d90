import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type DeploymentRecord, eventually, listReplicaSets, recordDeployments } from '@hermod/testkit'
import { type ClusterPair, type Side, startClusterPair } from './cluster-pair.ts'
import { type Story, tellNamespace, tellStory } from './deployment-story.ts'
import { play, stories } from './stories.ts'

const parts = new AsyncDisposableStack()
let pair: ClusterPair
let records: ReadonlyMap<Side, DeploymentRecord>

before(async () => {
  pair = parts.use(await startClusterPair())
  const recorded = [pair.model, pair.real].map(
    async (side) => [side, parts.use(await recordDeployments(side.access))] as const,
  )
  records = new Map(await Promise.all(recorded))
})
after(() => parts.disposeAsync())

async function storyOf(side: Side, namespace: string): Promise<Story> {
  const events = (records.get(side)?.events ?? []).filter(
    ({ deployment }) => deployment.metadata.namespace === namespace,
  )
  return tellStory(events, await listReplicaSets(side.api, { namespace, name: 'web' }))
}

describe('the model and a real control plane tell the same story of', { concurrency: 6 }, () => {
  Object.entries(stories).forEach(([title, story], number) => {
    test(title, async () => {
      const namespace = `story-${number}`
      const { model, real } = pair
      await Promise.all([model, real].map(({ api }) => play(api, namespace, story)))
      await eventually(
        async () => {
          assert.deepEqual(
            await tellNamespace(model.api, namespace),
            await tellNamespace(real.api, namespace),
          )
          assert.deepEqual(await storyOf(model, namespace), await storyOf(real, namespace))
        },
        { timeoutMs: 10_000, everyMs: 500 },
      )
    })
  })
})
