import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import {
  type ControlPlane,
  createDeployment,
  createNamespace,
  deleteDeployment,
  eventually,
  type FaultProxy,
  makeTempFolder,
  scale,
  startControlPlane,
  startFaultProxy,
} from '@hermod/testkit'
import { historySince, keepHistory } from '../testing/deployment-history.ts'
import { HttpTransport } from './api-transport.ts'
import type { Reflected } from './attempt.ts'
import { reflect } from './reflector.ts'
import { ordinaryRules } from './reflector-state.ts'
import { serviceAccount } from './service-account.ts'

const namespace = 'shop'
const path = `/apis/apps/v1/namespaces/${namespace}/deployments`
const rights = [{ apiGroups: ['apps'], resources: ['deployments'], verbs: ['list', 'watch'] }]
const times = { timeoutSeconds: 1, graceMs: 500, markMs: 2_000, pageMs: 3_000 }
const rules = { ...ordinaryRules, backoffCapMs: 300, pollMs: 300 }

const unreadable = (_: unknown, error: unknown): void => assert.fail(String(error))

function versionOf(object: string): string {
  return String(JSON.parse(object).metadata.resourceVersion)
}

/** What a consumer of the reflector knows in the end. */
class Follower implements AsyncDisposable {
  readonly standing: Map<string, string> = new Map()
  readonly gone: string[] = []
  /** By uid, the resourceVersions in the order in which they were told. */
  readonly told: Map<string, string[]> = new Map()
  readonly endings: string[] = []
  readonly #stop = new AbortController()
  readonly #following: Promise<void>

  constructor(transport: HttpTransport) {
    const project = (object: unknown): string => JSON.stringify(object)
    this.#following = this.#follow(
      reflect({ transport, path, project, unreadable, signal: this.#stop.signal, times, rules }),
    )
  }

  async #follow(reflector: AsyncGenerator<Reflected<string>>): Promise<void> {
    for await (const reflected of reflector) {
      if (reflected.kind === 'ended') this.endings.push(reflected.ending.kind)
      if (reflected.kind !== 'changes') continue
      for (const { kind, identity, object = '' } of reflected.changes) {
        if (kind === 'changed') {
          this.standing.set(identity.uid, object)
          const versions = this.told.get(identity.uid) ?? []
          this.told.set(identity.uid, [...versions, versionOf(object)])
        } else {
          assert.ok(this.standing.delete(identity.uid))
          this.gone.push(identity.uid)
        }
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#following
  }
}

const suite = new AsyncDisposableStack()
let plane: ControlPlane
let proxy: FaultProxy
let folder: string
let parts: AsyncDisposableStack
let follower: Follower
let number = 0
let beginning: string
const followers: Follower[] = []

before(async () => {
  plane = suite.use(await startControlPlane({ apiServerFlags: keepHistory }))
  proxy = suite.use(await startFaultProxy({ upstream: { host: '127.0.0.1', port: plane.port } }))
  folder = suite.use(await makeTempFolder('identity')).path
  await mkdir(folder, { recursive: true })
  await createNamespace(plane.api, namespace)
  await useIdentity('reader')
  beginning = (await plane.api.list(path)).metadata.resourceVersion
})
after(() => suite.disposeAsync())

beforeEach(async () => {
  parts = new AsyncDisposableStack()
  const transport = parts.use(new HttpTransport(serviceAccount(`https://${proxy.address}`, folder)))
  follower = parts.use(new Follower(transport))
  followers.push(follower)
  await create()
  await agree()
})
afterEach(() => parts.disposeAsync())

async function useIdentity(name: string): Promise<void> {
  const { token } = await plane.createServiceAccount({ name, rules: rights })
  await writeFile(join(folder, 'ca.crt'), plane.ca)
  await writeFile(join(folder, 'token'), token)
}

async function create(): Promise<string> {
  const name = `web-${++number}`
  await createDeployment(plane.api, { namespace, name, image: 'web:1' })
  return name
}

/** The follower knows what stands in the API server, as it stands. */
async function agree(): Promise<void> {
  await eventually(
    async () => {
      const { items } = await plane.api.list(path)
      const versions = items.map(({ metadata }) => [metadata.uid, metadata.resourceVersion] as const)
      const known = [...follower.standing].map(([uid, object]) => [uid, versionOf(object)] as const)
      assert.deepEqual(new Map(known), new Map(versions))
    },
    { timeoutMs: 40_000, everyMs: 100 },
  )
}

async function changeEverything(): Promise<void> {
  const gone = await create()
  await agree()
  await deleteDeployment(plane.api, { namespace, name: gone })
  const { items } = await plane.api.list(path)
  for (const { metadata } of items) await scale(plane.api, { namespace, name: metadata.name }, number % 3)
  await create()
}

test('connections that are reset cost nothing that happened meanwhile', async () => {
  for (let round = 0; round < 3; round++) {
    proxy.resetAll()
    await changeEverything()
    proxy.resetAll()
    await agree()
  }
  assert.ok(follower.endings.includes('broken'))
})

test('a link that swallows everything is noticed by our own timer', async () => {
  proxy.freeze()
  await create()
  await eventually(() => assert.ok(follower.endings.includes('silent')))
  proxy.resetAll()
  proxy.thaw()
  await agree()
})

test('a server that stands still is noticed, and what happened is seen once it moves', async () => {
  plane.apiServer.pause()
  await eventually(() => assert.ok(follower.endings.includes('silent')))
  plane.apiServer.resume()
  await changeEverything()
  await agree()
})

test('a server that cannot read its store is given up on and asked again', async () => {
  plane.etcd.pause()
  proxy.resetAll()
  await eventually(() => assert.ok(follower.endings.length > 2))
  plane.etcd.resume()
  await changeEverything()
  await agree()
})

test('a server that was killed and started again ends in a new list, with each deletion seen', async () => {
  for (let round = 0; round < 2; round++) {
    const name = await create()
    await agree()
    const before = follower.gone.length
    proxy.refuse()
    proxy.resetAll()
    await deleteDeployment(plane.api, { namespace, name })
    await plane.apiServer.restart()
    await create()
    await proxy.accept()
    await agree()
    assert.equal(follower.gone.length, before + 1)
  }
  assert.ok(follower.endings.includes('expired'))
})

test('a token that was replaced is used from the next request on', async () => {
  await useIdentity('successor')
  await plane.api.delete('/api/v1/namespaces/default/serviceaccounts/reader')
  await changeEverything()
  await agree()
})

test('rights that are withdrawn and given back cost nothing but the time between', async () => {
  const binding = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings'
  const { roleRef, subjects } = await plane.api.get<{ roleRef: unknown; subjects: unknown }>(
    `${binding}/successor`,
  )
  await plane.api.delete(`${binding}/successor`)
  await eventually(() => assert.ok(follower.endings.includes('status')))
  const name = await create()
  await deleteDeployment(plane.api, { namespace, name })
  await plane.api.create(binding, { metadata: { name: 'successor' }, roleRef, subjects })
  await create()
  await agree()
})

test('through all of it every state that was told is one of the history, in its order, and each deletion was', async () => {
  await parts.disposeAsync()
  const history = await historySince(plane, beginning, namespace)
  assert.ok(followers.some(({ gone }) => gone.length > 0))
  for (const { told, gone, standing } of followers) {
    for (const [uid, versions] of told) {
      const had = history.get(uid) ?? []
      const places = versions.map((version) =>
        had.findIndex(({ object }) => object.metadata.resourceVersion === version),
      )
      assert.ok(!places.includes(-1), `${uid} was never as it was told`)
      assert.deepEqual(
        places,
        places.toSorted((a, b) => a - b),
      )
    }
    for (const uid of gone) assert.equal(history.get(uid)?.at(-1)?.type, 'DELETED')
    assert.equal(new Set(gone).size, gone.length, 'no deletion twice')
    assert.deepEqual([...standing.keys(), ...gone].sort(), [...told.keys()].sort())
  }
})
