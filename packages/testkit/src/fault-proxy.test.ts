import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from './eventually.ts'
import { startFaultProxy } from './fault-proxy.ts'
import { listen } from './http/listen.ts'

/** A server that says everything back, behind a proxy, and a client's view of it. */
async function start() {
  const serverSide: Socket[] = []
  const echo = createServer({ allowHalfOpen: true }, (socket) => {
    serverSide.push(socket)
    socket.on('error', () => {})
    socket.pipe(socket)
  })
  const proxy = await startFaultProxy({ upstream: { host: '127.0.0.1', port: await listen(echo) } })
  const clients: Socket[] = []
  return {
    proxy,
    serverSide,
    async dial() {
      const socket = connect({ port: proxy.port, host: '127.0.0.1' })
      clients.push(socket)
      const heard = { text: '', end: 'open' }
      socket.on('data', (chunk) => (heard.text += chunk))
      socket.on('error', (error: { code?: string }) => (heard.end = error.code ?? 'error'))
      socket.on('end', () => (heard.end = 'closed'))
      await once(socket, 'connect')
      return { socket, heard }
    },
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]()
      for (const socket of clients) socket.destroy()
      echo.close()
    },
  }
}

test('forwards bytes both ways and the end of either side', async () => {
  await using bed = await start()
  const { socket, heard } = await bed.dial()
  const sent = 'x'.repeat(1_000_000)
  socket.end(sent)
  await eventually(() => assert.equal(heard.end, 'closed'))
  assert.equal(heard.text, sent)
  await eventually(() => assert.equal(bed.proxy.open, 0))
  assert.equal(bed.proxy.accepted, 1)
})

test('resets or closes every open connection, on both sides', async () => {
  await using bed = await start()
  for (const [act, seen] of [
    ['resetAll', 'ECONNRESET'],
    ['closeAll', 'closed'],
  ] as const) {
    const { socket, heard } = await bed.dial()
    socket.write('a')
    await eventually(() => assert.equal(heard.text, 'a'))
    bed.proxy[act]()
    await eventually(() => assert.equal(heard.end, seen))
    await eventually(() => assert.ok(bed.serverSide.at(-1)?.destroyed))
  }
})

test('a frozen network is silent for open and new connections, and nothing is lost in it', async () => {
  await using bed = await start()
  const old = await bed.dial()
  old.socket.write('a')
  await eventually(() => assert.equal(old.heard.text, 'a'))
  bed.proxy.freeze()
  old.socket.write('b')
  const fresh = await bed.dial()
  fresh.socket.write('c')
  // Silence has no event: this is many times what a byte took before.
  await sleep(50)
  bed.proxy.freeze()
  assert.deepEqual(
    [old.heard, fresh.heard],
    [
      { text: 'a', end: 'open' },
      { text: '', end: 'open' },
    ],
  )
  assert.equal(bed.serverSide.length, 1)
  bed.proxy.thaw()
  await eventually(() => assert.deepEqual([old.heard.text, fresh.heard.text], ['ab', 'c']))
})

test('a client that leaves a frozen network is still there for the server', async () => {
  await using bed = await start()
  const { socket, heard } = await bed.dial()
  socket.write('a')
  await eventually(() => assert.equal(heard.text, 'a'))
  bed.proxy.freeze()
  socket.resetAndDestroy()
  await sleep(50)
  assert.equal(bed.serverSide[0]?.destroyed, false)
  bed.proxy.thaw()
  await eventually(() => assert.ok(bed.serverSide[0]?.destroyed))
})

test('refuses new connections and keeps the open ones until it accepts again, on the same port', async () => {
  await using bed = await start()
  const { socket, heard } = await bed.dial()
  bed.proxy.refuse()
  await assert.rejects(bed.dial(), { code: 'ECONNREFUSED' })
  socket.write('a')
  await eventually(() => assert.equal(heard.text, 'a'))
  await bed.proxy.accept()
  await bed.dial()
})

test('cuts a connection at one byte, toward the side it is meant for, once', async () => {
  await using bed = await start()
  for (const how of ['reset', 'close'] as const) {
    bed.proxy.cut({ atByte: 5, toward: 'client', how })
    const { socket, heard } = await bed.dial()
    socket.write('abc')
    await eventually(() => assert.equal(heard.text, 'abc'))
    socket.write('defgh')
    await eventually(() =>
      assert.deepEqual(heard, { text: 'abcde', end: how === 'reset' ? 'ECONNRESET' : 'closed' }),
    )
  }
  const { socket, heard } = await bed.dial()
  socket.write('abcdefgh')
  await eventually(() => assert.equal(heard.text, 'abcdefgh'))
})

test('delays each piece in both directions', async () => {
  await using bed = await start()
  bed.proxy.delayMs = 40
  const { socket, heard } = await bed.dial()
  const sentAt = performance.now()
  socket.write('a')
  await eventually(() => assert.equal(heard.text, 'a'), { everyMs: 1 })
  assert.ok(performance.now() - sentAt >= 75, 'both directions waited')
})

test('a server that is not there resets the client', async () => {
  await using bed = await start()
  const gone = await startFaultProxy({ upstream: { host: '127.0.0.1', port: bed.proxy.port } })
  await using _ = gone
  bed.proxy.refuse()
  const socket = connect({ port: gone.port, host: '127.0.0.1' })
  const [error] = (await once(socket, 'close').then(
    () => [undefined],
    (failure) => [failure],
  )) as [{ code?: string }?]
  assert.equal(error?.code, 'ECONNRESET')
})

test('disposing while frozen leaves nothing open', async () => {
  await using bed = await start()
  const { heard } = await bed.dial()
  await eventually(() => assert.equal(bed.serverSide.length, 1))
  bed.proxy.freeze()
  const waiting = await bed.dial()
  await bed.proxy[Symbol.asyncDispose]()
  await eventually(() => assert.deepEqual([heard.end, waiting.heard.end], ['ECONNRESET', 'ECONNRESET']))
  await eventually(() => assert.ok(bed.serverSide[0]?.destroyed))
  assert.equal(bed.serverSide.length, 1)
})
