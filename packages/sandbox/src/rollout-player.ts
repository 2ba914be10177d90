// Owns what is rolled out in the cluster that stands in: one step of the scenario after the other, for ever.
import { sleep } from '@hermod/runtime'
import { type Deployment, type KubeApi, KubeApiError } from '@hermod/testkit'
import { channels, manifestOf, patchFor, type Service, scenario, services } from './scenario.ts'

// The first step comes when what is new has come up.
const settleMs = 6_000

/** Makes what is missing, then plays until aborted. A step that the API server does not take is left out. */
export async function playRollouts(
  api: KubeApi,
  tell: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  await untilItTakes(() => makeAll(api), signal)
  await sleep(settleMs, signal)
  while (!signal.aborted) {
    for (const step of scenario) {
      if (signal.aborted) return
      try {
        const { metadata } = await api.get<Deployment>(pathOf(step))
        const { patch, words } = patchFor(step, metadata.annotations)
        tell(`  → ${step.namespace}/${step.name}: ${words}`)
        await api.patch(`${pathOf(step)}?fieldManager=kubectl`, patch)
      } catch (error) {
        tell(
          `  → ${step.namespace}/${step.name}: left out, ${error instanceof Error ? error.message : String(error)}`,
        )
      }
      await sleep(step.waitMs, signal)
    }
  }
}

async function makeAll(api: KubeApi): Promise<void> {
  for (const [name, channel] of Object.entries(channels))
    await make(api, '/api/v1/namespaces', {
      metadata: { name, annotations: { 'hermod.uswitch.com/slack': channel } },
    })
  for (const service of services)
    await make(api, `/apis/apps/v1/namespaces/${service.namespace}/deployments`, manifestOf(service))
}

async function make(api: KubeApi, path: string, object: object): Promise<void> {
  try {
    await api.create(`${path}?fieldManager=kubectl`, object)
  } catch (error) {
    if (!(error instanceof KubeApiError && error.code === 409)) throw error
  }
}

async function untilItTakes(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      return await work()
    } catch {
      await sleep(500, signal)
    }
  }
}

function pathOf({ namespace, name }: Pick<Service, 'namespace' | 'name'>): string {
  return `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`
}
