import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { eventually, makeTempFolder, type RunningProcess, startProcess } from '@hermod/testkit'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect, nkeys } from '@nats-io/transport-node'
import { natsUsers } from './shipped-authorization.ts'
import { certificateFolder, startShippedNats } from './shipped-nats.ts'

const provision = join(import.meta.dirname, '..', '..', 'packages', 'jetstream', 'src', 'provision-main.ts')

/** Runs `provision` once, to its end, as the user of the manifest. */
async function provisionWith(settings: Readonly<Record<string, string>>): Promise<RunningProcess> {
  const env = { NATS_USER: 'provision', HTTP_HOST: '127.0.0.1', HTTP_PORT: '0', ...settings }
  const running = await startProcess(process.execPath, [provision], { env })
  await eventually(() => assert.equal(running.running, false, running.output), { timeoutMs: 60_000 })
  return running
}

describe('the shipped files of NATS', { concurrency: 2 }, () => {
  const stack = new AsyncDisposableStack()
  let folder: string
  const secret = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text)
    return join(folder, name)
  }
  before(async () => {
    folder = stack.use(await makeTempFolder('nats-files')).path
  })
  after(() => stack.disposeAsync())

  test('one server runs from them, and a password in a file is let in', async () => {
    await using nats = await startShippedNats()
    const [address] = nats.addresses
    const { output } = await provisionWith({
      NATS_URL: `nats://${address}`,
      NATS_PASSWORD_FILE: await secret('password', 'provision-password\n'),
    })
    assert.match(output, /made stream OBSERVATIONS/)
    assert.match(output, /made consumer reader of ROLLOUTS/)
  })

  test('with TLS a server is believed by its authority alone, and speaks to nobody in clear', async () => {
    await using nats = await startShippedNats({ components: ['nats-tls'] })
    const [address = ''] = nats.addresses
    const password = await secret('password', 'provision-password')
    const { output } = await provisionWith({
      NATS_URL: `tls://${address}`,
      NATS_PASSWORD_FILE: password,
      NATS_CA_FILE: join(certificateFolder, 'tls.crt'),
    })
    assert.match(output, /made stream OBSERVATIONS/)
    const clear = { servers: address, user: 'provision', pass: 'provision-password', reconnect: false }
    await assert.rejects(connect({ ...clear, tls: null }), /tls/i)
    await assert.rejects(connect({ ...clear, tls: {} }), /certificate/i)
  })

  test('a user may prove itself by an nkey, whose seed is in a file, with the same rights', async () => {
    const pairs = new Map(natsUsers.map((user) => [user as string, nkeys.createUser()]))
    await using nats = await startShippedNats({
      edit: (config) =>
        config.replaceAll(
          /user: (\w+), password: \$\w+/g,
          (_, user) => `nkey: ${pairs.get(user)?.getPublicKey()}`,
        ),
    })
    const seed = new TextDecoder().decode(pairs.get('provision')?.getSeed())
    const { output } = await provisionWith({
      NATS_URL: `nats://${nats.addresses[0]}`,
      NATS_NKEY_SEED_FILE: await secret('seed', `${seed}\n`),
    })
    assert.match(output, /made stream OBSERVATIONS/)
  })

  test('three servers keep each message thrice, and go on without one of them', async () => {
    await using nats = await startShippedNats({ components: ['nats-three-replicas'], servers: 3 })
    const servers = nats.addresses.map((address) => `nats://${address}`)
    const password = await secret('password', 'provision-password')
    const settings = { NATS_URL: servers.join(','), NATS_PASSWORD_FILE: password, NATS_REPLICAS: '3' }
    const { output } = await provisionWith(settings)
    assert.match(output, /made stream OBSERVATIONS/)

    const user = { user: 'provision', pass: 'provision-password', inboxPrefix: '_INBOX_provision' }
    const connection = await connect({ servers, ...user })
    try {
      const manager = await jetstreamManager(connection, { checkAPI: false })
      const before = await manager.streams.info('ROLLOUTS')
      assert.equal(before.config.num_replicas, 3)
      const leader = Number(before.cluster?.leader?.at(-1))
      await nats.servers[leader]?.kill()
      await eventually(
        async () => {
          const { cluster } = await manager.streams.info('ROLLOUTS')
          assert.notEqual(cluster?.leader ?? before.cluster?.leader, before.cluster?.leader)
        },
        { timeoutMs: 60_000 },
      )
    } finally {
      await connection.close()
    }
  })
})
