import { createDeployment, type DeploymentRecord, eventually, getDeployment, type KubeApi, type KubeletPlan, type Pod, type RecordedEvent, waitForRollout } from '@hermod/testkit'
import assert from 'node:assert/strict'
import { deletions } from './deletions.ts'
import { bad, good, late, type Play } from './play.ts'
import { silences } from './silences.ts'
import { troubles } from './troubles.ts'
import { undos } from './undos.ts'
import { updates } from './updates.ts'

export const plays: Readonly<Record<string, Play>> = { ...updates, ...undos, ...troubles, ...silences, ...deletions }

/** Every play has a Deployment of its own, and one that changes its namespace a namespace too. */
export const namespacesOf = (some: Readonly<Record<string, Play>>): string[] => [
  ...new Set(Object.values(some).map(({ namespace = 'shop' }) => namespace)),
]

/** What a node makes of a pod, by its image. */
export function planByImage({ spec }: Pod): KubeletPlan {
  const image = spec.containers[0]?.image
  if (image === bad) return { outcome: 'never-ready' }
  return { outcome: 'ready', ...(image === late && { pullMs: 6_000 }) }
}

/** Lets it happen from a Deployment that is complete, and gives that one's events once the last is there. */
export async function perform(
  api: KubeApi,
  record: DeploymentRecord,
  name: string,
  { shape, act, namespace = 'shop' }: Play,
): Promise<() => readonly RecordedEvent[]> {
  const key = { namespace, name }
  await createDeployment(api, { ...key, image: good, ...shape })
  await waitForRollout(api, key, { timeoutMs: 60_000 })
  await act(api, key)
  const events = (): readonly RecordedEvent[] =>
    record.events.filter(({ deployment }) => deployment.metadata.name === name)
  // Silence proves something only after the last event.
  await eventually(async () => {
    const now = await getDeployment(api, key).catch(() => undefined)
    const { type, deployment } = events().at(-1) ?? {}
    if (now === undefined) assert.equal(type, 'DELETED')
    else assert.equal(deployment?.metadata.resourceVersion, now.metadata.resourceVersion)
  }, { timeoutMs: 60_000 })
  return events
}

/** What is said after it was complete, but for progress. */
export function wordsOf(said: string): string {
  return said.replaceAll(/ ?\bprogressed\b/g, '').replace(/^(started )?succeeded ?/, '')
}
