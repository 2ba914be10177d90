/** Somebody who does things to one Deployment, and waits for what comes of it. */
import assert from 'node:assert/strict'
import {
  createDeployment,
  type Deployment,
  type DeploymentKey,
  eventually,
  getDeployment,
  type KubeApi,
  KubeApiError,
  patchDeployment,
  setImage,
  waitForRollout,
} from '@hermod/testkit'

export class Actor {
  readonly api: KubeApi
  readonly key: DeploymentKey

  constructor(api: KubeApi, key: DeploymentKey) {
    this.api = api
    this.key = key
  }

  async create(spec: Readonly<Record<string, unknown>> = {}, tag = '1'): Promise<void> {
    await createDeployment(this.api, { ...this.key, image: `web:${tag}`, spec })
    await this.complete()
  }

  image(tag: string, changes: Readonly<Record<string, unknown>> = {}): Promise<Deployment> {
    return setImage(this.api, this.key, `web:${tag}`, changes)
  }

  complete(): Promise<Deployment> {
    return waitForRollout(this.api, this.key)
  }

  async rollOut(tag: string, changes: Readonly<Record<string, unknown>> = {}): Promise<void> {
    await this.image(tag, changes)
    await this.complete()
  }

  patch(spec: Readonly<Record<string, unknown>>): Promise<Deployment> {
    return patchDeployment(this.api, this.key, { spec })
  }

  async untilReason(type: string, reason: string | undefined): Promise<void> {
    await this.until(({ status }) => status.conditions?.find((each) => each.type === type)?.reason === reason)
  }

  async untilObserved(): Promise<void> {
    await this.until(({ metadata, status }) => status.observedGeneration === metadata.generation)
  }

  async until(holds: (deployment: Deployment) => boolean): Promise<void> {
    await eventually(async () => assert.ok(holds(await getDeployment(this.api, this.key))), {
      everyMs: 40,
      timeoutMs: 60_000,
    })
  }

  async quota(pods: number): Promise<void> {
    await this.api.create(`/api/v1/namespaces/${this.key.namespace}/resourcequotas`, {
      metadata: { name: 'q' },
      spec: { hard: { pods: String(pods) } },
    })
    // A real one is in force once it has counted.
    await eventually(async () => {
      const made = this.api.create(`/api/v1/namespaces/${this.key.namespace}/pods`, {
        metadata: { name: 'probe' },
        spec: { containers: [{ name: 'app', image: 'probe:1' }] },
      })
      const refused = await made.then(
        () =>
          this.api.delete(`/api/v1/namespaces/${this.key.namespace}/pods/probe`, { gracePeriodSeconds: 0 }),
        (error: unknown) => error,
      )
      assert.ok(refused instanceof KubeApiError, 'a pod was let in')
      // It may still count the probe, or nothing at all: what it says now is what the Deployment will be told.
      assert.match(
        refused.message,
        new RegExp(`requested: pods=1, used: pods=${pods}, limited: pods=${pods}`),
      )
    })
  }
}
