import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { eventually, startNatsServer } from '@hermod/testkit'
import { type ConnectOptions, connectJetStream, createPublisher, type Log, provision } from './index.ts'

const quiet: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

function recorder(): { readonly log: Log; readonly said: string[] } {
  const said: string[] = []
  const note = (_: object, message: string): void => {
    said.push(message)
  }
  return { log: { debug: () => {}, info: note, warn: note, error: note }, said }
}

/** A failed test must not leave a wait behind. */
function aborting(): Disposable & { readonly signal: AbortSignal } {
  const abort = new AbortController()
  return { signal: abort.signal, [Symbol.dispose]: () => abort.abort() }
}

const users = (password: string): string =>
  `authorization { users: [ { user: "dedupe", password: "${password}", permissions: {
     publish: ["hermod.rollout.>", "$JS.API.STREAM.INFO.ROLLOUTS"], subscribe: ["_INBOX_dedupe.>"] } } ] }`

describe('connectJetStream', () => {
  test('waits for a server that is not there yet, and says so once', async () => {
    let port: number
    {
      await using gone = await startNatsServer()
      port = gone.port
    }
    const { log, said } = recorder()
    const obstacles: (string | undefined)[] = []
    using end = aborting()
    const connecting = connectJetStream({
      servers: [`nats://127.0.0.1:${port}`],
      name: 'early',
      log,
      signal: end.signal,
      report: (_, obstacle) => obstacles.push(obstacle),
    })
    await eventually(() => assert.ok(obstacles.length >= 3))
    await using _server = await startNatsServer({ port })
    await using connection = await connecting
    assert.equal(connection.connected, true)
    assert.equal(said.filter((line) => line.includes('waiting for NATS')).length, 1)
    assert.match(obstacles[0] ?? '', /waiting for NATS at nats:\/\/127\.0\.0\.1/)
    assert.equal(obstacles.at(-1), undefined)
  })

  test('a wait that is aborted ends at once', async () => {
    const abort = new AbortController()
    const options: ConnectOptions = {
      servers: ['nats://127.0.0.1:1'],
      name: 'aborted',
      log: quiet,
      signal: abort.signal,
      report: () => abort.abort(new Error('shutting down')),
    }
    await assert.rejects(connectJetStream(options), /shutting down/)
  })

  test('a user that cannot name an inbox is refused before anything is dialled', async () => {
    await assert.rejects(
      connectJetStream({ servers: ['nats://127.0.0.1:1'], name: 'x', user: 'a.>', log: quiet }),
      /"a\.>" cannot name an inbox/,
    )
  })

  test('wrong credentials are tried until they are right, and a rotated password is read again', async () => {
    await using server = await startNatsServer({ config: users('right') })
    const { log, said } = recorder()
    let password = 'wrong'
    let dials = 0
    using end = aborting()
    const connecting = connectJetStream({
      signal: end.signal,
      servers: [server.url],
      name: 'rotated',
      user: 'dedupe',
      credentials: () => {
        dials++
        return { kind: 'password', user: 'dedupe', password }
      },
      log,
    })
    await eventually(() => assert.ok(said.some((line) => /waiting for NATS.*Authorization/i.test(line))))
    password = 'right'
    await using connection = await connecting

    password = 'wrong'
    await server.restart()
    await eventually(() => assert.equal(connection.connected, false))
    await eventually(() => assert.ok(said.some((line) => /^NATS: .*Authorization/i.test(line))))
    const refusals = dials
    await eventually(() => assert.ok(dials >= refusals + 3))
    password = 'right'
    await connection.whenConnected()
    assert.ok(!said.join().includes('wrong'))
  })

  test('a frozen server is noticed, and the connection comes back when it thaws', async () => {
    await using server = await startNatsServer()
    await using connection = await connectJetStream({
      servers: [server.url],
      name: 'frozen',
      log: quiet,
      pingIntervalMs: 300,
    })
    const { link } = connection
    server.pause()
    await eventually(() => assert.equal(connection.connected, false), { timeoutMs: 5_000 })
    assert.equal(link.aborted, true)
    server.resume()
    await connection.whenConnected()
    assert.equal(connection.link.aborted, false)
  })

  test('a right that is missing is told as what to grant', async () => {
    await using server = await startNatsServer({ config: users('x') })
    const { log, said } = recorder()
    const obstacles: (string | undefined)[] = []
    await using connection = await connectJetStream({
      servers: [server.url],
      name: 'limited',
      user: 'dedupe',
      credentials: () => ({ kind: 'password', user: 'dedupe', password: 'x' }),
      log,
    })
    const publisher = createPublisher({
      connection,
      log,
      report: (_, obstacle) => obstacles.push(obstacle),
    })
    const abort = new AbortController()
    const publishing = publisher.publish(
      { subject: 'hermod.observation.0.c.n.d', id: '1', body: '' },
      abort.signal,
    )
    await eventually(() => assert.ok(said.some((line) => line.includes('publish to hermod.observation.0'))))
    assert.match(obstacles[0] ?? '', /NATS forbids to publish to hermod.observation.0.c.n.d: grant it/)
    abort.abort(new Error('enough'))
    await assert.rejects(publishing, /enough/)
  })

  test('disposing ends every wait, also while the server is away', async () => {
    await using server = await startNatsServer()
    const connection = await connectJetStream({ servers: [server.url], name: 'leaving', log: quiet })
    await server.kill()
    await eventually(() => assert.equal(connection.connected, false))
    const provisioning = provision(connection, { partitions: 1, replicas: 1 })
    await Promise.all([assert.rejects(provisioning), connection[Symbol.asyncDispose]()])
  })
})
