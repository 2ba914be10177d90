import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { Secret } from '@hermod/runtime'
import {
  type FakeArtifactory,
  findNginx,
  type HttpFault,
  httpFault,
  startFakeArtifactory,
  startNginx,
  startWebdavServer,
  type WebdavServer,
} from '@hermod/testkit'
import { type ArtifactoryClient, createArtifactoryClient } from './artifactory-client.ts'

const file = 'deployment-events-v2-platform-shop.json'

function clientOf(artifactory: FakeArtifactory, login: string = artifactory.login): ArtifactoryClient {
  return createArtifactoryClient({
    url: `${artifactory.url}/cache`,
    login: Secret.of(login),
    timeoutMs: 500,
    maxBytes: 100_000,
  })
}

describe('the client of Artifactory', () => {
  test('stores a file, replaces it and reads it back', async () => {
    await using artifactory = await startFakeArtifactory()
    const client = clientOf(artifactory)
    assert.deepEqual(await client.fetch(file), { kind: 'missing' })
    assert.deepEqual(await client.store(file, '{"events":{}}'), { kind: 'stored' })
    assert.deepEqual(await client.store(file, '{"events":{"ä":1}}'), { kind: 'stored' })
    assert.deepEqual(await client.fetch(file), { kind: 'found', text: '{"events":{"ä":1}}' })
  })

  test('takes a password with colons, or a bare token', async () => {
    await using artifactory = await startFakeArtifactory()
    assert.match(artifactory.login, /:.*:/)
    const [user] = artifactory.users
    assert.equal((await clientOf(artifactory, user?.token).store(file, '{}')).kind, 'stored')
  })

  test('asks for the login at each request', async () => {
    await using artifactory = await startFakeArtifactory()
    let login = 'hermod:old'
    const client = createArtifactoryClient({
      url: `${artifactory.url}/cache`,
      login: new Secret(() => login),
    })
    assert.equal((await client.fetch(file)).kind, 'unavailable')
    login = artifactory.login
    assert.equal((await client.fetch(file)).kind, 'missing')
  })

  const faults: Readonly<Record<string, HttpFault>> = {
    'a server error': httpFault.serverError(),
    'a web page with status 200': httpFault.html(),
    'a login that is refused': { kind: 'answer', answer: { status: 401 } },
    'a right that is missing': { kind: 'answer', answer: { status: 403 } },
    'a conflict': { kind: 'answer', answer: { status: 409 } },
    'a redirect to a login page': httpFault.redirect('/login'),
    'a hang': { kind: 'hang' },
    'a reset': { kind: 'reset' },
    'a body that is cut off': { kind: 'truncate', atByte: 5 },
    'a body without end': httpFault.hugeBody(2 ** 31),
    'a gzip bomb': httpFault.gzipBomb(2 ** 31),
    'a body that trickles': httpFault.slowBody('{"events":{}}', 200),
    'rate limiting': { kind: 'answer', answer: { status: 429, headers: { 'retry-after': '3600' } } },
  }
  for (const [what, fault] of Object.entries(faults)) {
    test(`does not take ${what} for an empty file`, async () => {
      await using artifactory = await startFakeArtifactory()
      artifactory.place(`cache/${file}`, '{"events":{}}')
      artifactory.inject(fault)
      const fetched = await clientOf(artifactory).fetch(file)
      assert.equal(fetched.kind, 'unavailable')
      assert.doesNotMatch(inspect(fetched), /colons|Basic|127\.0\.0\.1/)
    })
  }

  test('names the right that is missing to replace a file, also where Artifactory hides it', async () => {
    for (const hidesUnauthorized of [false, true]) {
      const users = [{ name: 'ci', password: 'x', rights: ['read', 'deploy'] as const }]
      await using artifactory = await startFakeArtifactory({ users, hidesUnauthorized })
      const client = clientOf(artifactory)
      assert.equal((await client.store(file, '1')).kind, 'stored')
      const refused = await client.store(file, '2')
      assert.ok(refused.kind === 'unavailable')
      assert.match(refused.reason, /right to overwrite|overwrite \(Artifactory calls it DELETE\)/)
    }
  })

  test('says that the login is refused without showing it', async () => {
    await using artifactory = await startFakeArtifactory()
    const fetched = await clientOf(artifactory, 'hermod:wrong-password').fetch(file)
    assert.ok(fetched.kind === 'unavailable')
    assert.match(fetched.reason, /401: ARTIFACTORY_LOGIN/)
    assert.doesNotMatch(inspect(fetched), /wrong-password/)
  })

  test('ends a request at once when it is told to', async () => {
    await using artifactory = await startFakeArtifactory()
    artifactory.inject({ kind: 'hang' })
    const client = createArtifactoryClient({ url: artifactory.url, login: Secret.of(artifactory.login) })
    const stop = AbortSignal.timeout(50)
    await assert.rejects(client.fetch(file, stop))
  })
})

const nginx = await findNginx()
const realStores: Readonly<Record<string, () => Promise<WebdavServer>>> = {
  'golang.org/x/net/webdav': startWebdavServer,
  ...(nginx !== undefined && { nginx: () => startNginx(nginx) }),
}
for (const [what, start] of Object.entries(realStores)) {
  test(`a real HTTP store takes a file and its replacement, and is unavailable when it is gone: ${what}`, async () => {
    await using store = await start()
    const clientWith = (login: string): ArtifactoryClient =>
      createArtifactoryClient({ url: store.url, login: Secret.of(login), timeoutMs: 5_000 })
    const client = clientWith(store.login)
    assert.deepEqual(await client.fetch(file), { kind: 'missing' })
    assert.deepEqual(await client.store(file, '{"events":{}}'), { kind: 'stored' })
    assert.deepEqual(await client.store(file, '{"events":{"ä":1}}'), { kind: 'stored' })
    assert.deepEqual(await client.fetch(file), { kind: 'found', text: '{"events":{"ä":1}}' })
    assert.equal((await clientWith('hermod:wrong').fetch(file)).kind, 'unavailable')
    await store.kill()
    assert.equal((await client.fetch(file)).kind, 'unavailable')
    assert.equal((await client.store(file, '{}')).kind, 'unavailable')
  })
}
