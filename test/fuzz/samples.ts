/** Right inputs of every kind, taken from a real API server and from our own writers. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DeploymentObservation, encodeEvent, type RolloutTransition } from '@hermod/contracts'
import { parse as parseYaml } from 'yaml'
import type { Step } from '../../services/dedupe/src/rollout/rollout.ts'
import { advance, type Moment } from '../../services/dedupe/src/rollout/rollout-state-machine.ts'
import type { Card } from '../../services/notifier/src/notification/card.ts'
import { takeIn } from '../../services/notifier/src/notification/take-in.ts'
import { transition } from '../../services/notifier/src/notification/testdata/rollouts.ts'
import { composeObservation } from '../../services/watcher/src/deployment/compose.ts'
import { observeDeployment } from '../../services/watcher/src/deployment/observe.ts'
import type { Digester } from '../../services/watcher/src/deployment/template-digest.ts'
import { asWire } from '../../services/watcher/src/deployment/wire.ts'

const testdata = join(import.meta.dirname, '..', '..', 'services', 'watcher', 'src', 'deployment', 'testdata')

export function yaml(name: string): string {
  return JSON.stringify(parseYaml(readFileSync(join(testdata, `${name}.yaml`), 'utf8')))
}

export const digester: Digester = { keyId: 'fuzz', digest: (text: string) => String(text.length) }
const options = { digester, commitShaAnnotation: 'sha', repoUrlAnnotation: 'repo', before: undefined }

export function observationOf(deployment: unknown): DeploymentObservation {
  const facts = observeDeployment(asWire(deployment), options)
  const observedAt = '2026-11-22T14:22:00Z'
  const setting = {
    cluster: 'default',
    namespaceAnnotations: {},
    namespaceListed: false,
    occasion: 'changed',
    deleted: false,
    spec: undefined,
    observedAt,
  } as const
  return composeObservation({ facts, open: true }, setting)
}

export const deployments: readonly [string, ...string[]] = [
  yaml('deployment-progressing'),
  yaml('deployment-complete'),
  yaml('deployment-quota'),
]
export const observation: DeploymentObservation = observationOf(JSON.parse(deployments[0]))
export const about: { readonly source: string; readonly subject: string; readonly time: string } = {
  source: '/hermod/x/default',
  subject: 'shop/web',
  time: '2026-11-22T14:22:00Z',
}
export const observed: string = encodeEvent({ ...about, id: 'a', type: 'observation', data: observation })
export const told: RolloutTransition = transition('failed', 3, {
  phase: 'failed',
  reason: 'ProgressDeadlineExceeded',
})
export const transitioned: string = encodeEvent({ ...about, id: 'b', type: 'transition', data: told })
export const moment: Moment = { nowMs: Date.parse(about.time), namespaceKnown: true }
export const stored: Step = advance(undefined, observation, moment)
const wayOf = { channels: ['deploys'], refused: [], failuresOnly: false, mention: [] }
export const taken: Card | undefined = takeIn(undefined, transition('started', 1), wayOf, moment.nowMs).card
