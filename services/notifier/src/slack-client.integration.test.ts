import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { Duplex } from 'node:stream'
import { describe, it } from 'node:test'
import { type FakeSlack, type HttpFault, httpFault, startFakeSlack } from '@hermod/testkit'
import { createSlackClient, type SlackClient } from './slack-client.ts'

const message = { text: 'hello', attachments: [] }

function clientOf(slack: FakeSlack, proxy: { http?: string; no?: string } = {}): SlackClient {
  const { http, no } = proxy
  return createSlackClient({
    apiUrl: slack.apiUrl,
    token: () => slack.token,
    proxy: { http, https: undefined, no },
    timeoutMs: 2_000,
  })
}

/** A proxy, which is given whole URLs for http. */
async function startProxy(): Promise<
  AsyncDisposable & {
    readonly url: string
    readonly seen: readonly string[]
    /** Told of each tunnel that is asked for; false = it is refused, true = nothing is ever said. */
    onTunnel: (target: string) => boolean
  }
> {
  const seen: string[] = []
  const sockets: Duplex[] = []
  const server = createServer((incoming, outgoing) => {
    const { url = '', method, headers } = incoming
    seen.push(url)
    const onward = request(url, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    incoming.pipe(onward)
  })
  server.on('connect', ({ url = '' }, socket) => {
    if (proxy.onTunnel(url)) sockets.push(socket)
    else socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(typeof address === 'object' && address)
  const proxy = {
    onTunnel: (_: string): boolean => false,
    url: `http://127.0.0.1:${address.port}`,
    seen,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return proxy
}

describe('the Slack client', () => {
  it('finds a post by its key, in the channel and in a thread, and nothing where there is none', async () => {
    await using slack = await startFakeSlack({ channels: ['deploys'] })
    await using client = clientOf(slack)
    const channel = slack.channel('deploys').id
    const card = await client.post({ channel, message, key: 'k#card' })
    assert.ok(card.kind === 'delivered')
    const reply = await client.post({ channel, message, key: 'k#reply-1', parent: card.ts })
    assert.ok(reply.kind === 'delivered')
    const around = { notBefore: Date.now() - 60_000, notAfter: Date.now() + 60_000 }
    assert.deepEqual(await client.find({ channel, keys: ['k#card', 'other#card'], ...around }), {
      kind: 'delivered',
      messages: new Map([['k#card', { ts: card.ts }]]),
    })
    assert.deepEqual(await client.find({ channel, keys: ['k#reply-1'], parent: card.ts, ...around }), {
      kind: 'delivered',
      messages: new Map([['k#reply-1', { ts: reply.ts }]]),
    })
  })

  it('finds a post in a channel where much else is said', async () => {
    await using slack = await startFakeSlack({ channels: ['deploys'] })
    await using client = clientOf(slack)
    const channel = slack.channel('deploys').id
    const chatter = (): void => {
      for (let said = 0; said < 2_500; said++) slack.post('deploys', { text: 'lunch?' })
    }
    chatter()
    const card = await client.post({ channel, message, key: 'k#card' })
    assert.ok(card.kind === 'delivered')
    chatter()
    const found = await client.find({
      channel,
      keys: ['k#card'],
      notBefore: Date.now() - 60_000,
      notAfter: Date.now() + 60_000,
    })
    assert.deepEqual(found, { kind: 'delivered', messages: new Map([['k#card', { ts: card.ts }]]) })
  })

  it('uses the token of the moment and shows it nowhere but in the header', async () => {
    await using slack = await startFakeSlack({ channels: ['deploys'] })
    await using client = clientOf(slack)
    await client.post({ channel: 'deploys', message, key: 'a' })
    slack.issueToken()
    await client.post({ channel: 'deploys', message, key: 'b' })
    assert.deepEqual(
      slack.calls.map(({ token }) => token),
      ['token-1', 'token-2'],
    )
    assert.doesNotMatch(JSON.stringify(slack.calls.map(({ args }) => args)), /xoxb/)
  })

  it('does not read an answer without an end', async () => {
    await using slack = await startFakeSlack({ channels: ['deploys'] })
    await using client = clientOf(slack)
    slack.inject(httpFault.hugeBody(100 * 1024 * 1024), { method: 'chat.postMessage' })
    const { kind } = await client.post({ channel: 'deploys', message, key: 'a' })
    assert.equal(kind, 'unknown')
  })

  const limited = (headers: Readonly<Record<string, string>>): HttpFault => ({
    kind: 'answer',
    answer: { status: 429, headers, body: '{"ok":false,"error":"ratelimited"}' },
  })
  for (const [what, fault, end] of [
    ['a reply that is reset in its body', httpFault.replyLost({ afterHeaders: true }), 'unknown: ECONNRESET'],
    ['a reply that is cut', { kind: 'truncate', atByte: 20 }, 'unknown: ECONNRESET'],
    ['a reply that trickles', httpFault.slowBody('x'.repeat(1_000), 50), 'unknown: no answer in time'],
    ['a login page', httpFault.html(), 'unknown: an answer that is not from Slack'],
    ['nothing', httpFault.empty(), 'unknown: an answer that is not from Slack'],
    [
      'a packed reply that nobody asked for',
      httpFault.gzipBomb(1e7),
      'unknown: an answer that is not from Slack',
    ],
    ['a redirect', httpFault.redirect('https://login.example'), 'retry: HTTP 302'],
    ['a 429', limited({ 'retry-after': '7' }), 'rate-limited: HTTP 429 7000'],
    ['a 429 without Retry-After', limited({}), 'rate-limited: HTTP 429 30000'],
    [
      'a 429 until a date',
      limited({ 'retry-after': 'Fri, 27 Nov 2026 10:00:00 GMT' }),
      'rate-limited: HTTP 429 30000',
    ],
  ] satisfies [string, HttpFault, string][])
    it(`knows what ${what} means, and goes on`, async () => {
      await using slack = await startFakeSlack({ channels: ['deploys'] })
      await using client = clientOf(slack)
      slack.inject(fault, { method: 'chat.postMessage', times: 1 })
      const answer = await client.post({ channel: 'deploys', message, key: 'a' })
      assert.ok(answer.kind !== 'delivered')
      const after = answer.kind === 'rate-limited' ? ` ${answer.retryAfterMs}` : ''
      assert.equal(`${answer.kind}: ${answer.reason}${after}`, end)
      assert.equal((await client.post({ channel: 'deploys', message, key: 'b' })).kind, 'delivered')
    })

  it('gives up a call that hangs', async () => {
    await using slack = await startFakeSlack({ channels: ['deploys'] })
    await using client = clientOf(slack)
    slack.inject({ kind: 'hang' }, { method: 'chat.postMessage' })
    const { kind } = await client.post({ channel: 'deploys', message, key: 'a' })
    assert.equal(kind, 'unknown')
    slack.liftFaults()
  })

  it('goes through the proxy, except to hosts that need none', async () => {
    await using slack = await startFakeSlack({ channels: ['deploys'] })
    await using proxy = await startProxy()
    await using client = clientOf(slack, { http: proxy.url })
    assert.equal((await client.identify()).kind, 'delivered')
    assert.equal(proxy.seen.length, 1)
    await using direct = clientOf(slack, { http: proxy.url, no: '127.0.0.1' })
    assert.equal((await direct.identify()).kind, 'delivered')
    assert.equal(proxy.seen.length, 1)
  })

  for (const [isSilent, reason] of [
    [false, 'ERR_PROXY_TUNNEL'],
    [true, 'no connection in time'],
  ] as const)
    it(`asks the proxy for a tunnel to https, and knows that one it ${isSilent ? 'never opens' : 'refuses'} carried nothing`, async () => {
      const asked: string[] = []
      await using proxy = await startProxy()
      proxy.onTunnel = (target) => {
        asked.push(target)
        return isSilent
      }
      await using client = createSlackClient({
        apiUrl: 'https://slack.example/api/',
        token: () => 'x',
        proxy: { http: undefined, https: proxy.url, no: undefined },
        timeoutMs: 2_000,
      })
      const answer = await client.post({ channel: 'deploys', message, key: 'a' })
      assert.deepEqual([asked, answer], [['slack.example:443'], { kind: 'retry', reason }])
    })

  it('knows that a proxy that is away has sent nothing', async () => {
    await using slack = await startFakeSlack({ channels: ['deploys'] })
    await using client = clientOf(slack, { http: 'http://127.0.0.1:1' })
    const answer = await client.post({ channel: 'deploys', message, key: 'a' })
    assert.deepEqual(answer, { kind: 'retry', reason: 'ECONNREFUSED' })
  })
})
