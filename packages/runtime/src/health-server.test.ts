import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { createHealth } from './health.ts'
import { type HealthServer, serveHealth } from './health-server.ts'
import { createMetrics } from './metrics.ts'

const health = createHealth()
const metrics = createMetrics({ processMetrics: false })
metrics.counter({ name: 'toy_total', help: 'toys' })
const scrub = (words: string): string => words.replaceAll('canary', '[secret]')

function serve(port = 0): Promise<HealthServer> {
  return serveHealth({ port, host: '127.0.0.1', health, metrics, scrub })
}

async function get(
  port: number,
  path: string,
  method = 'GET',
): Promise<{ status: number; type: string; body: string }> {
  const sent = request({ host: '127.0.0.1', port, path, method, agent: false }).end()
  const [response] = await once(sent, 'response')
  return { status: response.statusCode, type: response.headers['content-type'], body: await text(response) }
}

test('livez is fine whatever else is not', async () => {
  await using server = await serve()
  health.set('nats', { ok: false })
  assert.equal((await get(server.port, '/livez')).status, 200)
})

test('readyz tells each check, scrubbed, and is 503 until all are ok', async () => {
  await using server = await serve()
  health.set('nats', { ok: false, detail: 'refused the password canary' })
  const unready = await get(server.port, '/readyz')
  assert.equal(unready.status, 503)
  assert.equal(unready.type, 'application/json')
  assert.deepEqual(JSON.parse(unready.body), {
    ready: false,
    checks: [{ name: 'nats', ok: false, detail: 'refused the password [secret]' }],
  })
  health.set('nats', { ok: true })
  assert.equal((await get(server.port, '/readyz?verbose')).status, 200)
})

test('metrics are told in the text format', async () => {
  await using server = await serve()
  const { status, type, body } = await get(server.port, '/metrics')
  assert.equal(status, 200)
  assert.match(type, /^text\/plain; version=0\.0\.4/)
  assert.match(body, /^toy_total 0$/m)
})

test('metrics that cannot be read are a 500 and no end', async () => {
  await using server = await serve()
  const broken = { ...metrics, text: () => Promise.reject(new Error('canary')) }
  await using other = await serveHealth({ port: 0, host: '127.0.0.1', health, metrics: broken, scrub })
  const { status, body } = await get(other.port, '/metrics')
  assert.equal(status, 500)
  assert.ok(!body.includes('canary'))
  assert.equal((await get(server.port, '/livez')).status, 200)
})

for (const [path, method, status] of [
  ['/', 'GET', 404],
  ['/livez/x', 'GET', 404],
  ['/livez', 'HEAD', 200],
  ['/livez', 'POST', 405],
  ['/metrics', 'DELETE', 405],
] as const)
  test(`${method} ${path} is ${status}`, async () => {
    await using server = await serve()
    assert.equal((await get(server.port, path, method)).status, status)
  })

test('a port that is taken is fatal and names HTTP_PORT', async () => {
  await using server = await serve()
  await assert.rejects(serve(server.port), {
    name: 'FatalError',
    message: `HTTP_PORT ${server.port} is taken by another process`,
    remedy: /HTTP_PORT/,
  })
})

test('an address that is not ours is fatal and names HTTP_HOST', async () => {
  await assert.rejects(serveHealth({ port: 0, host: '192.0.2.1', health, metrics, scrub }), {
    name: 'FatalError',
    remedy: /HTTP_HOST/,
  })
})

test('who says nothing, or never ends, is cut off', async () => {
  await using server = await serve()
  const started = performance.now()
  const silent = connect(server.port, '127.0.0.1')
  const endless = connect(server.port, '127.0.0.1')
  endless.write('GET /livez HTTP/1.1\r\nhost: a\r\nx: ')
  await Promise.all(
    [silent, endless].map(async (socket) => {
      socket.resume().on('error', () => undefined)
      await once(socket, 'close')
    }),
  )
  assert.ok(performance.now() - started < 20_000)
})

test('a header too large is refused', async () => {
  await using server = await serve()
  const socket = connect(server.port, '127.0.0.1')
  socket.write(`GET /livez HTTP/1.1\r\nhost: a\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`)
  assert.match(await text(socket), /^HTTP\/1\.1 431 /)
})

test('stopping waits for no request and gives the port back', async () => {
  const asked = Promise.withResolvers<void>()
  const text = (): Promise<string> => {
    asked.resolve()
    return new Promise(() => undefined)
  }
  const options = { port: 0, host: '127.0.0.1', health, scrub }
  const server = await serveHealth({ ...options, metrics: { ...metrics, text } })
  const cutOff = assert.rejects(get(server.port, '/metrics'), { code: 'ECONNRESET' })
  await asked.promise
  await server[Symbol.asyncDispose]()
  await cutOff
  await using next = await serve(server.port)
  assert.equal(next.port, server.port)
})
