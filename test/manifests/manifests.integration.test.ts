import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import {
  type ControlPlane,
  eventually,
  KubeApiError,
  monitoringDefinitions,
  obtain,
  startControlPlane,
} from '@hermod/testkit'
import {
  installations,
  type Manifest,
  overlays,
  parseManifests,
  readInstallation,
  readOverlay,
  workloadsOf,
} from './shipped-manifests.ts'

describe('k8s/ on a real API server', () => {
  let controlPlane: ControlPlane
  let collections: Collections

  before(async () => {
    controlPlane = await startControlPlane()
    collections = new Collections(controlPlane)
    const definitions = parseManifests(await readFile(await obtain(monitoringDefinitions), 'utf8'))
    for (const definition of definitions)
      await controlPlane.api.create(await collections.pathOf(definition), definition)
    await eventually(() =>
      controlPlane.api.get('/apis/monitoring.coreos.com/v1/namespaces/default/podmonitors'),
    )
    for (const manifest of await readOverlay('cluster-wide'))
      if (manifest.kind === 'Namespace') await controlPlane.api.create('/api/v1/namespaces', manifest)
    await controlPlane.api.create('/api/v1/namespaces', { metadata: { name: 'shop' } })
  })

  after(async () => await controlPlane[Symbol.asyncDispose]())

  const accept = async (manifests: readonly Manifest[]): Promise<void> => {
    for (const manifest of manifests) {
      if (manifest.kind === 'Namespace') continue
      const path = await collections.pathOf(manifest)
      await controlPlane.api.create(`${path}?dryRun=All&fieldValidation=Strict`, manifest)
    }
    // What the StatefulSet controller would put in the place of its claims.
    for (const { name, manifest, pod } of workloadsOf(manifests)) {
      const claims = manifest.spec?.volumeClaimTemplates?.map(({ metadata }) => ({
        name: metadata.name,
        emptyDir: {},
      }))
      await createPod(controlPlane, name, { ...pod, volumes: [...(pod.volumes ?? []), ...(claims ?? [])] })
    }
  }

  for (const name of overlays)
    test(`every object of the overlay ${name} is accepted, its pods where "restricted" is enforced`, async () => {
      await accept(await readOverlay(name))
    })

  for (const [title, components] of Object.entries(installations))
    test(`${title}: every object is accepted, and its pods where "restricted" is enforced`, async () => {
      await accept(await readInstallation(components))
    })

  test('the namespace does enforce it: a pod that may become root is refused', async () => {
    const careless = { containers: [{ name: 'careless', image: 'careless' }] }
    await assert.rejects(
      createPod(controlPlane, 'careless', careless),
      (error) => error instanceof KubeApiError && /violates PodSecurity "restricted/.test(error.message),
    )
  })

  test('a field that the API does not know is refused', async () => {
    const [misspelt] = (await readOverlay('cluster-wide')).filter(({ kind }) => kind === 'NetworkPolicy')
    assert.ok(misspelt)
    const path = `${await collections.pathOf(misspelt)}?dryRun=All&fieldValidation=Strict`
    const policy = { ...misspelt, spec: { ...misspelt.spec, podSelektor: {} } }
    await assert.rejects(controlPlane.api.create(path, policy), /unknown field "spec.podSelektor"/)
  })
})

/** Where objects of each kind are created, as the API server itself tells. */
class Collections {
  readonly #controlPlane: ControlPlane
  readonly #resources = new Map<string, Promise<readonly Resource[]>>()

  constructor(controlPlane: ControlPlane) {
    this.#controlPlane = controlPlane
  }

  async pathOf({ apiVersion, kind, metadata }: Manifest): Promise<string> {
    const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
    const resources = this.#resources.get(group) ?? this.#read(group)
    this.#resources.set(group, resources)
    const resource = (await resources).find((each) => each.kind === kind && !each.name.includes('/'))
    assert.ok(resource, `the API server knows no ${kind} in ${apiVersion}`)
    return resource.namespaced
      ? `${group}/namespaces/${metadata.namespace}/${resource.name}`
      : `${group}/${resource.name}`
  }

  async #read(group: string): Promise<readonly Resource[]> {
    return (await this.#controlPlane.api.get<{ resources: readonly Resource[] }>(group)).resources
  }
}

interface Resource {
  readonly name: string
  readonly kind: string
  readonly namespaced: boolean
}

async function createPod(controlPlane: ControlPlane, name: string, spec: object): Promise<void> {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec }
  await controlPlane.api.create('/api/v1/namespaces/hermod/pods?dryRun=All', pod)
}
