import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { createLeanFetch } from './lean-fetch.ts'

const direct = { http: undefined, https: undefined, no: undefined }
const call = { method: 'POST', headers: {}, body: 'x', signal: undefined }

for (const [what, restMs, connections] of [
  ['serves again', 30_000, 1],
  ['that rested for long is not used again', 50, 2],
] as const)
  test(`a connection ${what}`, async () => {
    let opened = 0
    const server = createServer((_, response) => response.end('{}'))
    server.on('connection', () => opened++)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    assert.ok(typeof address === 'object' && address)
    {
      using wire = createLeanFetch(direct, restMs)
      const url = `http://127.0.0.1:${address.port}/`
      assert.equal((await wire.send(url, call)).status, 200)
      await delay(400)
      assert.equal((await wire.send(url, call)).status, 200)
    }
    server.close()
    assert.equal(opened, connections)
  })

test('a connection that served often keeps nothing of those calls', async () => {
  const warnings: Error[] = []
  const onWarning = (warning: Error): number => warnings.push(warning)
  process.on('warning', onWarning)
  const server = createServer((_, response) => response.end('{}'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(typeof address === 'object' && address)
  {
    using wire = createLeanFetch(direct)
    for (let round = 0; round < 30; round++) await wire.send(`http://127.0.0.1:${address.port}/`, call)
  }
  server.close()
  process.off('warning', onWarning)
  assert.deepEqual(warnings, [])
})
