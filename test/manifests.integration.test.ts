import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type ControlPlane, KubeApiError, startControlPlane } from '@hermod/testkit'
import { type Manifest, readBase, suppliedObjects } from './shipped-manifests.ts'

/** Where objects of a kind are created; cluster-wide ones know no namespace. */
const collections: Readonly<Record<string, string>> = {
  Namespace: '/api/v1/namespaces',
  ServiceAccount: '/api/v1/namespaces/hermod/serviceaccounts',
  Service: '/api/v1/namespaces/hermod/services',
  ConfigMap: '/api/v1/namespaces/hermod/configmaps',
  Secret: '/api/v1/namespaces/hermod/secrets',
  ClusterRole: '/apis/rbac.authorization.k8s.io/v1/clusterroles',
  ClusterRoleBinding: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
  Deployment: '/apis/apps/v1/namespaces/hermod/deployments',
  StatefulSet: '/apis/apps/v1/namespaces/hermod/statefulsets',
}

function collectionOf({ kind }: Manifest): string {
  const collection = collections[kind]
  assert.ok(collection, `a ${kind}, which this test does not know yet`)
  return collection
}

describe('k8s/base on a real API server', () => {
  let controlPlane: ControlPlane
  const manifests = readBase()

  before(async () => {
    controlPlane = await startControlPlane()
    const namespaces = manifests.filter(({ kind }) => kind === 'Namespace')
    for (const manifest of namespaces) await controlPlane.api.create(collectionOf(manifest), manifest)
  })

  after(async () => await controlPlane[Symbol.asyncDispose]())

  test('every object is accepted as it is, with no field that the API does not know', async () => {
    const rest = manifests.filter(({ kind }) => kind !== 'Namespace')
    for (const manifest of [...(suppliedObjects() as Manifest[]), ...rest]) {
      await controlPlane.api.create(`${collectionOf(manifest)}?fieldValidation=Strict`, manifest)
    }
  })

  test('every pod is admitted where Pod Security "restricted" is enforced', async () => {
    const workloads = manifests.filter(({ spec }) => spec?.template !== undefined)
    assert.equal(workloads.length, 5)
    for (const { metadata, spec } of workloads) {
      // What the StatefulSet controller would put in the place of its claims.
      const claims = spec?.volumeClaimTemplates?.map((claim) => ({ name: claim.metadata.name, emptyDir: {} }))
      const pod = spec?.template?.spec
      await createPod(controlPlane, metadata.name, {
        ...pod,
        volumes: [...(pod?.volumes ?? []), ...(claims ?? [])],
      })
    }
  })

  test('the namespace does enforce it: a pod that may become root is refused', async () => {
    const careless = { containers: [{ name: 'careless', image: 'careless' }] }
    await assert.rejects(
      createPod(controlPlane, 'careless', careless),
      (error) => error instanceof KubeApiError && /violates PodSecurity "restricted/.test(error.message),
    )
  })

  test('no workload but the watcher is given a token of the API server', () => {
    for (const { metadata, spec } of manifests.filter((manifest) => manifest.spec?.template !== undefined)) {
      const given = JSON.stringify(spec?.template).includes('"automountServiceAccountToken":true')
      assert.equal(given, metadata.name === 'hermod-watcher', metadata.name)
    }
  })
})

async function createPod(controlPlane: ControlPlane, name: string, spec: object | undefined): Promise<void> {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec }
  await controlPlane.api.create('/api/v1/namespaces/hermod/pods?dryRun=All', pod)
}
