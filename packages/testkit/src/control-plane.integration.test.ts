import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node'
import { type ControlPlane, startControlPlane } from './control-plane.ts'
import { createDeployment } from './deployments.ts'
import { eventually } from './eventually.ts'
import { PortTaken } from './free-port.ts'
import { KubeApi } from './kubernetes/kube-api.ts'
import { KubeApiError } from './kubernetes/kube-api-error.ts'
import { isAlive } from './process/is-alive.ts'
import { makeTempFolder, type TempFolder } from './process/temp-folder.ts'

let folder: TempFolder
let plane: ControlPlane

before(async () => {
  folder = await makeTempFolder('test')
  plane = await startControlPlane({ dataDir: folder.path })
})
after(async () => {
  await plane[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

const makeNamespace = (name: string): Promise<unknown> =>
  plane.api.create('/api/v1/namespaces', { metadata: { name } })

test('it is a Kubernetes of the pinned version, and says so', async () => {
  assert.equal((await plane.api.get<{ gitVersion: string }>('/version')).gitVersion, 'v1.36.3')
})

test('the official client understands its kubeconfigs', async () => {
  const account = await plane.createServiceAccount({
    name: 'lister',
    rules: [{ apiGroups: [''], resources: ['namespaces'], verbs: ['list'] }],
  })
  for (const path of [plane.kubeconfig, account.kubeconfig]) {
    const config = new KubeConfig()
    config.loadFromFile(path)
    const { items } = await config.makeApiClient(CoreV1Api).listNamespace()
    assert.ok(items.some(({ metadata }) => metadata?.name === 'default'))
  }
})

test('a service account can do what its rules say, and nothing else', async () => {
  await makeNamespace('seen')
  const { token } = await plane.createServiceAccount({
    name: 'reader',
    onlyIn: ['seen'],
    rules: [{ apiGroups: ['apps'], resources: ['deployments'], verbs: ['list'] }],
  })
  await using reader = new KubeApi({ ...plane, token })
  const list = await reader.list('/apis/apps/v1/namespaces/seen/deployments')
  assert.deepEqual(list.items, [])
  await assert.rejects(reader.list('/apis/apps/v1/deployments'), (error: unknown) => {
    assert.ok(error instanceof KubeApiError)
    assert.equal(error.code, 403)
    assert.match(
      error.message,
      /User "system:serviceaccount:default:reader" cannot list resource "deployments"/,
    )
    return true
  })
})

test('a paused API server is silent until it is resumed', async () => {
  plane.apiServer.pause()
  const answer = plane.api.get<string>('/readyz')
  const first = await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 300, 'silence'))])
  assert.equal(first, 'silence')
  plane.apiServer.resume()
  assert.equal(await answer, 'ok')
})

test('a killed API server comes back with its data, and the controllers go on', async () => {
  await makeNamespace('kept')
  await plane.apiServer.kill()
  await assert.rejects(plane.api.get('/readyz'), /ECONNREFUSED|other side closed/)
  await plane.apiServer.restart()
  await plane.api.get('/api/v1/namespaces/kept')
  await createDeployment(plane.api, { namespace: 'kept', name: 'web', image: 'registry.test/web:1' })
  const pods = async (): Promise<number> =>
    (await plane.api.list('/api/v1/namespaces/kept/pods')).items.length
  await eventually(async () => assert.equal(await pods(), 2), { timeoutMs: 60_000 })
})

test('a second boot on the same folder has data, certificate and tokens of the first; the first left nothing', async () => {
  await makeNamespace('old')
  const first = plane
  const pids = [first.etcd.pid, first.apiServer.pid, first.controllerManager.pid]
  await first[Symbol.asyncDispose]()
  for (const pid of pids) assert.equal(isAlive(pid), false)

  plane = await startControlPlane({ dataDir: folder.path })
  assert.equal(plane.token, first.token)
  assert.equal(plane.ca, first.ca)
  await plane.api.get('/api/v1/namespaces/old')
})

test('a port that is taken, a flag that is unknown: refused in plain words, and nothing is left', async () => {
  await assert.rejects(startControlPlane({ port: plane.port }), PortTaken)
  await using other = await makeTempFolder('refused')
  await assert.rejects(
    startControlPlane({ dataDir: other.path, apiServerFlags: ['--no-such-flag'] }),
    /kube-apiserver ended before it was ready:[^]*unknown flag: --no-such-flag/,
  )
})
