import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { eventually } from './eventually.ts'
import { type FakeArtifactory, startFakeArtifactory } from './fake-artifactory.ts'
import { httpFault } from './http/usual-faults.ts'

const key = 'cache/events.json'
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

function basic(login: string) {
  return { authorization: `Basic ${Buffer.from(login).toString('base64')}` }
}

function caller(
  artifactory: FakeArtifactory,
  credentials: Record<string, string> = basic(artifactory.login),
) {
  return async (method: string, { path = key, body, headers = {} }: CallOptions = {}) =>
    await fetch(`${artifactory.url}/${path}`, {
      method,
      headers: { ...credentials, ...headers },
      redirect: 'manual',
      ...(body !== undefined && { body }),
    })
}

interface CallOptions {
  path?: string
  body?: string
  headers?: Record<string, string>
}

async function messageOf(response: Response): Promise<string> {
  const text = await response.text()
  const { errors } = JSON.parse(text) as { errors: { status: number; message: string }[] }
  assert.equal(errors[0]?.status, response.status)
  assert.match(text, /\n {2}"errors"/, 'errors are indented JSON')
  return errors[0]?.message ?? ''
}

test('a PUT answers 201 whether it creates or overwrites, and the last writer wins', async () => {
  await using artifactory = await startFakeArtifactory()
  const call = caller(artifactory)
  for (const body of ['{"n":1}', '{"n":2}']) {
    const put = await call('PUT', { body, headers: { 'if-match': 'ignored', 'if-none-match': '*' } })
    assert.equal(put.status, 201)
    assert.match(put.headers.get('content-type') ?? '', /^application\/vnd\.org\.jfrog/)
    assert.equal(put.headers.get('location'), `${artifactory.url}/${key}`)
    const { repo, path, checksums } = (await put.json()) as Record<string, unknown>
    assert.deepEqual([repo, path], ['cache', '/events.json'])
    assert.equal((checksums as { sha256: string }).sha256, sha256(body))
  }
  assert.equal(await (await call('GET')).text(), '{"n":2}')
  assert.equal(artifactory.file(key)?.toString(), '{"n":2}')
})

test('a read has an unquoted sha1 as its ETag, which answers 304 only as it stands', async () => {
  await using artifactory = await startFakeArtifactory()
  artifactory.place(key, 'content')
  const call = caller(artifactory)
  const read = await call('GET')
  const etag = read.headers.get('etag') ?? ''
  assert.equal(etag, createHash('sha1').update('content').digest('hex'))
  assert.equal(read.headers.get('x-checksum-sha256'), sha256('content'))
  const statusWith = async (headers: Record<string, string>) => (await call('GET', { headers })).status
  assert.equal(await statusWith({ 'if-none-match': etag }), 304)
  assert.equal(await statusWith({ 'if-none-match': `"${etag}"` }), 200)
  const longAgo = new Date(0).toUTCString()
  assert.equal(await statusWith({ 'if-none-match': etag, 'if-modified-since': longAgo }), 200)
  const head = await call('HEAD')
  assert.deepEqual([head.status, head.headers.get('etag'), await head.text()], [200, etag, ''])
})

test('an overwrite without the delete right is 403 and names it, or 404 where that is hidden', async () => {
  await using artifactory = await startFakeArtifactory()
  const call = caller(artifactory)
  const [user = assert.fail()] = artifactory.users
  user.rights = ['read', 'deploy']
  assert.equal((await call('PUT', { body: 'first' })).status, 201)
  const refused = await call('PUT', { body: 'second' })
  assert.equal(refused.status, 403)
  assert.match(
    await messageOf(refused),
    /delete\/overwrite artifact 'cache\/events.json'.*needs DELETE permission/,
  )
  const same = { body: 'first', headers: { 'x-checksum-sha256': sha256('first') } }
  assert.equal((await call('PUT', same)).status, 201, 'the same content by checksum overwrites nothing')
  artifactory.hidesUnauthorized = true
  assert.equal((await call('PUT', { body: 'second' })).status, 404)
  assert.equal(artifactory.file(key)?.toString(), 'first')
})

test('a checksum that does not fit the body is 409, and a deploy by checksum copies', async () => {
  await using artifactory = await startFakeArtifactory()
  const call = caller(artifactory)
  const lost = await call('PUT', { body: '', headers: { 'x-checksum-sha256': sha256('content') } })
  assert.equal(lost.status, 409)
  assert.equal(artifactory.file(key), undefined)
  artifactory.place('cache/other.json', 'content')
  const byChecksum = { 'x-checksum-deploy': 'true', 'x-checksum-sha256': sha256('content') }
  assert.equal((await call('PUT', { headers: byChecksum })).status, 201)
  assert.equal(artifactory.file(key)?.toString(), 'content')
  const unknown = { 'x-checksum-deploy': 'true', 'x-checksum-sha256': sha256('else') }
  assert.equal((await call('PUT', { headers: unknown })).status, 404)
})

test('credentials are taken in every form, and without them it is 401 with a challenge', async () => {
  await using artifactory = await startFakeArtifactory()
  artifactory.place(key, 'content')
  const { name, token = '' } = artifactory.users[0] ?? assert.fail()
  const good = [
    basic(artifactory.login),
    basic(`${name}:${token}`),
    { authorization: `Bearer ${token}` },
    { 'x-jfrog-art-api': token },
  ]
  for (const credentials of good) assert.equal((await caller(artifactory, credentials)('GET')).status, 200)
  const bad = [{}, basic(`${name}:pass`), basic(`nobody:${token}`), { authorization: 'Bearer wrong' }]
  for (const credentials of bad) {
    const response = await caller(artifactory, credentials)('GET')
    assert.equal(response.status, 401)
    assert.match(response.headers.get('www-authenticate') ?? '', /^Basic realm=/)
  }
  assert.deepEqual(
    artifactory.calls.map(({ user }) => user),
    [...good.map(() => name), ...bad.map(() => undefined)],
  )
  assert.ok(!JSON.stringify(artifactory.calls).includes(token), 'the log holds no credentials')
})

test('a missing file, an unknown repository and one that takes no PUT are told as Artifactory tells them', async () => {
  await using artifactory = await startFakeArtifactory({ repositories: { cache: 'local', all: 'virtual' } })
  const call = caller(artifactory)
  assert.equal((await call('GET')).status, 404)
  assert.equal((await call('PUT', { path: 'typo/events.json', body: 'x' })).status, 404)
  const virtual = await call('PUT', { path: 'all/events.json', body: 'x' })
  assert.deepEqual([virtual.status, virtual.headers.get('allow')], [405, 'GET'])
  assert.equal((await call('DELETE')).status, 404)
  artifactory.place(key, 'x')
  assert.equal((await call('DELETE')).status, 204)
})

test('scripted faults take the place of answers, and the log says which', async () => {
  await using artifactory = await startFakeArtifactory()
  artifactory.place(key, '{"events":{}}')
  const call = caller(artifactory)
  const next = async (fault: Parameters<typeof artifactory.inject>[0]) => {
    artifactory.inject(fault, { times: 1, when: ({ method }) => method === 'GET' })
    return await call('GET')
  }
  assert.equal((await next(httpFault.serverError(502))).status, 502)
  assert.match(await (await next(httpFault.html())).text(), /Sign in/)
  assert.equal(
    (await next(httpFault.redirect('https://login.example/'))).headers.get('location'),
    'https://login.example/',
  )
  await assert.rejects((await next({ kind: 'truncate', atByte: 5 })).text())
  assert.equal((await (await next(httpFault.gzipBomb(5_000_000))).arrayBuffer()).byteLength, 5_000_000)
  assert.equal((await (await next(httpFault.hugeBody(1_000_001))).arrayBuffer()).byteLength, 1_000_001)
  assert.equal(await (await next(httpFault.slowBody('drip', 1))).text(), 'drip')
  await assert.rejects(next({ kind: 'reset' }))
  const told = ['http 502', 'html', 'redirect', 'truncate', 'gzip bomb', 'huge body', 'slow body', 'reset']
  await eventually(() =>
    assert.deepEqual(
      artifactory.calls.map(({ fault }) => fault),
      told,
    ),
  )
})

test('a reader that leaves a huge body ends it', async () => {
  await using artifactory = await startFakeArtifactory()
  artifactory.inject(httpFault.hugeBody(Number.POSITIVE_INFINITY))
  const response = await caller(artifactory)('GET')
  await response.body?.cancel()
  await eventually(() => assert.equal(artifactory.calls[0]?.ended, true))
})
