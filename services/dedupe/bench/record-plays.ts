// Plays everything on a real control plane and keeps what the Deployments looked like at each moment.
// Run: node services/dedupe/bench/record-plays.ts
import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import {
  createNamespace,
  eventually,
  isComplete,
  type RecordedEvent,
  recordDeployments,
  startControlPlane,
  startKubelet,
} from '@hermod/testkit'
import { observationsOf, type Recorded } from '../src/rollout/testdata/recorded.ts'
import { play } from '../src/rollout/testdata/trace.ts'
import { namespacesOf, perform, planByImage, plays, wordsOf } from '../src/testdata/plays/perform.ts'

const folder = new URL('../src/rollout/testdata/recorded/', import.meta.url)

/** What rollouts are judged by. */
function trimmed({ type, deployment, atMs }: RecordedEvent, beganMs: number): unknown {
  const { metadata, spec, status } = deployment
  const template = { metadata: spec.template.metadata, spec: { containers: containersOf(deployment) } }
  return {
    atMs: Math.round(atMs - beganMs),
    type,
    deployment: {
      metadata: { ...without(metadata, 'managedFields', 'labels'), managedFields: writersOf(metadata) },
      spec: { ...without(spec, 'selector', 'revisionHistoryLimit'), template },
      status,
    },
  }
}

/** Of who manages which field only who wrote the template, and when. */
function writersOf({ managedFields }: Recorded['deployment']['metadata']): unknown {
  return managedFields
    ?.filter(({ fieldsV1, subresource }) => !subresource && JSON.stringify(fieldsV1).includes('"f:template"'))
    .map(({ manager, operation, time }) => ({
      manager,
      operation,
      time,
      fieldsV1: { 'f:spec': { 'f:template': {} } },
    }))
}

function without(object: object, ...names: readonly string[]): object {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)))
}

function containersOf({ spec }: RecordedEvent['deployment']): unknown {
  return spec.template.spec.containers.map(({ name, image, env }) => ({ name, image, env }))
}

await using plane = await startControlPlane()
await using _kubelet = await startKubelet(plane, { plan: planByImage })
await using record = await recordDeployments(plane)
await Promise.all(namespacesOf(plays).map((namespace) => createNamespace(plane.api, namespace)))
await mkdir(folder, { recursive: true })
for (const [index, [what, one]] of Object.entries(plays).entries()) {
  const events = await perform(plane.api, record, `web-${index}`, one)
  const words = (): string => wordsOf(play(observationsOf(events(), one.againAfterMs)).said)
  try {
    await eventually(() => assert.equal(words(), one.says), { timeoutMs: 30_000 })
  } catch {
    process.stdout.write(`not kept, it says ${words()}: ${what}\n`)
    continue
  }
  process.stdout.write(`${what}\n`)
  // How it came to be complete is the same each time: the first play shows it.
  const kept =
    index === 0 ? events() : events().slice(events().findIndex(({ deployment }) => isComplete(deployment)))
  const lines = kept.map((event) => `- ${JSON.stringify(trimmed(event, kept[0]?.atMs ?? 0))}\n`)
  await writeFile(new URL(`${what.replaceAll(/[^\w]+/g, '-')}.yaml`, folder), `# ${what}\n${lines.join('')}`)
}
