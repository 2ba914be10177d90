import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { test } from 'node:test'
import { eventually } from './eventually.ts'
import { expireAtLine, kubeFault } from './http/kube-fault.ts'
import { lineEdit } from './http/line-edit.ts'
import { listen } from './http/listen.ts'
import { startHttpFaultProxy } from './http-fault-proxy.ts'

/** An upstream that logs, answers with what it was sent, and streams lines on /watch when the test says so. */
async function start() {
  const received: { incoming: IncomingMessage; body: string }[] = []
  const watches: ServerResponse[] = []
  const answer = async (incoming: IncomingMessage, response: ServerResponse) => {
    let body = ''
    for await (const chunk of incoming) body += chunk
    received.push({ incoming, body })
    if (incoming.url?.startsWith('/watch')) {
      watches.push(response.writeHead(200, { 'content-type': 'application/json' }))
      response.flushHeaders()
    } else response.writeHead(200, { etag: 'abc' }).end(`you sent ${body}`)
  }
  const upstream = createServer((incoming, response) => void answer(incoming, response))
  const proxy = await startHttpFaultProxy({ upstream: `http://127.0.0.1:${await listen(upstream)}` })
  return {
    proxy,
    received,
    watches,
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]()
      upstream.closeAllConnections()
      upstream.close()
    },
  }
}

const lines = ['{"n":0}\n', '{"n":1}\n', '{"n":2}\n']

/** What a client reads of a watch of three lines, and whether it ended in peace. */
async function watchThrough(bed: Awaited<ReturnType<typeof start>>): Promise<{ text: string; cut: boolean }> {
  const seen = { text: '', cut: false }
  const response = await fetch(`${bed.proxy.url}/watch?watch=1`)
  const [watch] = bed.watches.splice(0)
  for (const line of lines) watch?.write(line)
  watch?.end()
  try {
    for await (const chunk of response.body ?? []) seen.text += Buffer.from(chunk).toString()
  } catch {
    seen.cut = true
  }
  return seen
}

test('passes method, path, query, headers and body to the server, and the reply back', async () => {
  await using bed = await start()
  const response = await fetch(`${bed.proxy.url}/apis/apps/v1?labelSelector=a%3Db`, {
    method: 'PATCH',
    headers: { authorization: 'Bearer canary', 'content-type': 'application/merge-patch+json' },
    body: '{"a":1}',
  })
  assert.equal(await response.text(), 'you sent {"a":1}')
  assert.equal(response.headers.get('etag'), 'abc')
  const [{ incoming } = assert.fail()] = bed.received
  assert.deepEqual([incoming.method, incoming.url], ['PATCH', '/apis/apps/v1?labelSelector=a%3Db'])
  assert.equal(incoming.headers.authorization, 'Bearer canary')
  assert.equal(incoming.headers['content-type'], 'application/merge-patch+json')
  await eventually(() => assert.equal(bed.proxy.requests[0]?.ended, true))
  assert.equal(bed.proxy.requests[0]?.status, 200)
  assert.ok(!JSON.stringify(bed.proxy.requests).includes('canary'), 'the log holds no credentials')
})

test('passes each chunk of a stream at once, and the end of either side', async () => {
  await using bed = await start()
  const leaving = new AbortController()
  const response = await fetch(`${bed.proxy.url}/watch`, { signal: leaving.signal })
  const reader = response.body?.getReader()
  const [watch] = bed.watches
  for (const line of lines) {
    watch?.write(line)
    assert.equal(Buffer.from((await reader?.read())?.value ?? []).toString(), line)
  }
  leaving.abort()
  await eventually(() => assert.ok(watch?.destroyed, 'the server sees that the client has gone'))
})

test('the Kubernetes refusals reach only the requests they are meant for', async () => {
  await using bed = await start()
  bed.proxy.inject(kubeFault.gone(), { when: ({ query }) => query.has('resourceVersion'), times: 1 })
  const gone = await fetch(`${bed.proxy.url}/list?resourceVersion=1`)
  assert.deepEqual([gone.status, ((await gone.json()) as { reason: string }).reason], [410, 'Expired'])
  assert.equal((await fetch(`${bed.proxy.url}/list?resourceVersion=1`)).status, 200)

  bed.proxy.inject(kubeFault.tooManyRequests(2), { times: 1 })
  const busy = await fetch(`${bed.proxy.url}/list`)
  assert.deepEqual([busy.status, busy.headers.get('retry-after')], [429, '2'])
  assert.match(await busy.text(), /^Too many requests/)

  bed.proxy.inject(kubeFault.expiredWatch(), { times: 1 })
  const expired = await fetch(`${bed.proxy.url}/watch`)
  const event = (await expired.json()) as { type: string; object: { code: number } }
  assert.deepEqual([expired.status, event.type, event.object.code], [200, 'ERROR', 410])
  assert.equal(bed.received.length, 1, 'refused requests do not reach the server')
})

test('event lines are dropped, doubled, malformed, inserted, truncated and expired', async () => {
  await using bed = await start()
  const [first, second, third] = lines
  const seenWith = async (edit: Parameters<typeof bed.proxy.injectLines>[0]) => {
    bed.proxy.injectLines(edit, { when: ({ path }) => path === '/watch', times: 1 })
    return await watchThrough(bed)
  }
  assert.deepEqual(await seenWith(lineEdit.drop(1)), { text: `${first}${third}`, cut: false })
  assert.deepEqual(await seenWith(lineEdit.duplicate((line) => line.includes('"n":2'))), {
    text: `${first}${second}${third}${third}`,
    cut: false,
  })
  assert.deepEqual(await seenWith(lineEdit.malform(0)), { text: `{""n":0}\n${second}${third}`, cut: false })
  assert.deepEqual(await seenWith(lineEdit.insertAfter(0, 'x')), {
    text: `${first}x\n${second}${third}`,
    cut: false,
  })
  assert.deepEqual(await seenWith(lineEdit.truncate(1)), { text: `${first}{"n"`, cut: true })
  const expired = await seenWith(expireAtLine(1))
  assert.match(expired.text, /^\{"n":0\}\n\{"type":"ERROR",.*"code":410\}\}\n$/)
  assert.equal(expired.cut, false)
  assert.equal((await watchThrough(bed)).text, lines.join(''))
})

test('a held request reaches the server when it is let go, a held reply has reached it before', async () => {
  await using bed = await start()
  for (const effect of [false, true]) {
    const { promise: until, resolve: release } = Promise.withResolvers<void>()
    const before = bed.received.length
    const held = bed.proxy.inject({ kind: 'hold', until, effect }, { times: 1 })
    const reply = fetch(`${bed.proxy.url}/x`)
    await eventually(() => assert.equal(held.hits, 1))
    await eventually(() => assert.equal(bed.received.length - before, effect ? 1 : 0))
    release()
    assert.equal((await reply).status, 200)
  }
})

test('a reply is lost after the server did its work, or cut in its body', async () => {
  await using bed = await start()
  bed.proxy.inject({ kind: 'reset', effect: true }, { times: 1 })
  await assert.rejects(fetch(`${bed.proxy.url}/x`, { method: 'POST', body: 'a' }))
  assert.equal(bed.received.length, 1)
  bed.proxy.inject({ kind: 'truncate', atByte: 4 }, { times: 1 })
  const response = await fetch(`${bed.proxy.url}/x`)
  await assert.rejects(response.text())
})

test('a server that is not there ends the client’s connection', async () => {
  await using proxy = await startHttpFaultProxy({ upstream: 'http://127.0.0.1:1' })
  await assert.rejects(fetch(proxy.url))
  assert.equal(proxy.requests.length, 1)
})
