import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { eventually } from './eventually.ts'
import { PortTaken } from './free-port.ts'
import { startNatsServer } from './nats-server.ts'
import { isAlive } from './process/is-alive.ts'
import { makeTempFolder } from './process/temp-folder.ts'

test('an acknowledged message is there after kill and restart, on the same port', async () => {
  await using server = await startNatsServer()
  await using nc = await connect({ servers: server.url, reconnectTimeWait: 10, maxReconnectAttempts: -1 })
  const manager = await jetstreamManager(nc, { timeout: 300 })
  await manager.streams.add({ name: 'S', subjects: ['s.>'] })
  await jetstream(nc).publish('s.a', 'kept')
  const before = server.pid

  await server.kill()
  assert.equal(isAlive(before), false)
  await server.restart()

  const message = await eventually(() => manager.streams.getMessage('S', { seq: 1 }))
  assert.equal(message?.string(), 'kept')
  assert.notEqual(server.pid, before)
})

test('after dispose no process and no folder is left', async () => {
  const server = await startNatsServer()
  const { pid, storeDir } = server
  assert.equal(isAlive(pid), true)
  await server[Symbol.asyncDispose]()
  assert.equal(isAlive(pid), false)
  assert.equal(existsSync(join(storeDir, '..')), false)
})

test('a store folder of the caller outlives the server', async () => {
  await using folder = await makeTempFolder('kept-store')
  {
    await using server = await startNatsServer({ storeDir: folder.path })
    await using nc = await connect({ servers: server.url })
    await (await jetstreamManager(nc)).streams.add({ name: 'S', subjects: ['s'] })
  }
  await using server = await startNatsServer({ storeDir: folder.path })
  await using nc = await connect({ servers: server.url })
  const info = await (await jetstreamManager(nc)).streams.info('S')
  assert.equal(info.config.name, 'S')
})

test('a port that is taken is refused by name', async () => {
  await using first = await startNatsServer()
  await assert.rejects(startNatsServer({ port: first.port }), (error: Error) => {
    assert.ok(error instanceof PortTaken)
    assert.match(error.message, new RegExp(`port ${first.port} of 127.0.0.1 is taken`))
    return true
  })
})

test('a port that somebody holds in silence, or hangs up on, is refused too', async () => {
  for (const behave of [(): void => undefined, (socket: Socket): unknown => socket.end()]) {
    const holder = createServer(behave)
    await once(holder.listen(0, '127.0.0.1'), 'listening')
    const { port } = holder.address() as AddressInfo
    await assert.rejects(startNatsServer({ port }), PortTaken)
    holder.close()
  }
})

test('a configuration that the server refuses is reported in its own words', async () => {
  await assert.rejects(startNatsServer({ config: 'no_such_field: 1' }), /unknown field "no_such_field"/)
})

test('extra configuration is obeyed', async () => {
  await using server = await startNatsServer({ config: 'authorization { user: a, password: b }' })
  await assert.rejects(connect({ servers: server.url, reconnect: false }), /authorization violation/i)
  await using nc = await connect({ servers: server.url, user: 'a', pass: 'b' })
  await nc.flush()
})

test('a paused server keeps its connections silent until it is resumed', async () => {
  await using server = await startNatsServer()
  await using nc = await connect({ servers: server.url })
  server.pause()
  using _resumed = { [Symbol.dispose]: () => server.resume() }
  const answer = nc.rtt()
  const first = await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 200, 'silence'))])
  assert.equal(first, 'silence')
  server.resume()
  assert.equal(typeof (await answer), 'number')
})

test('when the test process is killed with -9, server and folder go with it', async () => {
  const program = `
    import { startNatsServer } from ${JSON.stringify(join(import.meta.dirname, 'nats-server.ts'))}
    const server = await startNatsServer()
    console.log(server.pid, server.storeDir)
    setInterval(() => undefined, 1000)
  `
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(child.stdout, 'data')
  const [pid = '', storeDir = ''] = String(line).trim().split(' ')
  assert.equal(isAlive(Number(pid)), true)
  child.kill('SIGKILL')
  await eventually(() => assert.equal(isAlive(Number(pid)), false))
  await eventually(() => assert.equal(existsSync(join(storeDir, '..')), false))
})
