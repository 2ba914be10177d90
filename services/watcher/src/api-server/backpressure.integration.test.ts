import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { HttpTransport } from './api-transport.ts'
import { reflect } from './reflector.ts'

const events = 1_000
const padding = 'x'.repeat(64 * 1024)
const megabyte = 1024 * 1024

function line(type: string, name: string, annotations: object): string {
  const metadata = { namespace: 'n', name, uid: name, resourceVersion: '1', annotations }
  return `${JSON.stringify({ type, object: { metadata, padding } })}\n`
}

test('a consumer that takes its time stops the server, and gets everything in the end', async () => {
  let written = 0
  const tell = async (response: ServerResponse): Promise<void> => {
    response.write(line('BOOKMARK', '', { 'k8s.io/initial-events-end': 'true' }))
    for (let event = 0; event < events && !response.destroyed; event++) {
      const text = line('ADDED', `d${event}`, {})
      written += text.length
      if (response.write(text)) continue
      const over = new AbortController()
      const { signal } = over
      await Promise.race([once(response, 'drain', { signal }), once(response, 'close', { signal })])
      over.abort()
    }
  }
  const server = createServer((_, response) => void tell(response))
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  await using _server = {
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  const url = `http://127.0.0.1:${address.port}`
  await using transport = new HttpTransport(async () => ({ server: url, headers: {}, tls: {} }))
  const stop = new AbortController()
  const unreadable = (_: unknown, error: unknown): void => assert.fail(String(error))
  let seen = 0
  let stalledAt: number | undefined
  for await (const reflected of reflect({
    transport,
    path: '/things',
    project: () => true,
    unreadable,
    signal: stop.signal,
  })) {
    if (reflected.kind !== 'changes') continue
    seen += reflected.changes.length
    if (stalledAt === undefined) stalledAt = await untilStill(() => written)
    if (seen === events) break
  }
  stop.abort()
  assert.equal(seen, events)
  assert.ok(stalledAt !== undefined && stalledAt < 32 * megabyte, `the server wrote ${stalledAt} bytes`)
})

/** Resolves with the value once it has stood for a while. */
async function untilStill(read: () => number): Promise<number> {
  for (let before = read(), still = 0; ; ) {
    await delay(20)
    const now = read()
    still = now === before ? still + 1 : 0
    if (still === 20) return now
    before = now
  }
}
