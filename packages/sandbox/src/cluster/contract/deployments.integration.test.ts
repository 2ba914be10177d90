import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  type DeploymentRecord,
  eventually,
  listReplicaSets,
  type RecordedEvent,
  recordDeployments,
} from '@hermod/testkit'
import { type ClusterPair, type Side, startClusterPair } from './cluster-pair.ts'
import { notedRevisions, tellNamespace, tellStory } from './deployment-story.ts'
import { type Play, play, stories } from './stories.ts'

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

function eventsOf(side: Side, namespace: string): readonly RecordedEvent[] {
  return (records.get(side)?.events ?? []).filter(
    ({ deployment }) => deployment.metadata.namespace === namespace,
  )
}

async function tellAll(side: Side, namespace: string): Promise<unknown> {
  const sets = await listReplicaSets(side.api, { namespace, name: 'web' })
  return [await tellNamespace(side.api, namespace), tellStory(eventsOf(side, namespace), sets)]
}

interface Stage {
  readonly namespace: string
  readonly missed: readonly string[]
}

/**
 * A real controller whose own earlier write comes between has a conflict when it notes that it made a ReplicaSet, and
 * never notes it again. That is a matter of microseconds, so the model is told where it happened, and has to tell the
 * rest of the same story.
 */
async function compare(story: Play, namespace: string): Promise<void> {
  const { model, real } = pair
  await Promise.all([model, real].map(({ api }) => play(api, namespace, story)))
  let stage: Stage = { namespace, missed: [] }
  const compareNow = async (): Promise<void> => {
    const noted = notedRevisions(eventsOf(real, namespace))
    const missed = notedRevisions(eventsOf(model, namespace)).filter((revision) => !noted.includes(revision))
    if (missed.join() !== stage.missed.join()) {
      stage = { namespace: `${stage.namespace}-again`, missed }
      model.missNotes(stage.namespace, missed)
      await play(model.api, stage.namespace, story)
    }
    assert.deepEqual(await tellAll(model, stage.namespace), await tellAll(real, namespace))
  }
  await eventually(compareNow, { timeoutMs: 90_000, everyMs: 500 })
}

describe('the model and a real control plane tell the same story of', { concurrency: 6 }, () => {
  Object.entries(stories).forEach(([title, story], number) => {
    test(title, () => compare(story, `story-${number}`))
  })
})
