import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { encodeEvent } from '@hermod/contracts'
import { eventually, type NatsServer, startNatsServer } from '@hermod/testkit'
import { deadLetters } from './dead-letters.ts'
import {
  connectJetStream,
  consume,
  createPublisher,
  type JetStreamConnection,
  type Log,
  provision,
} from './index.ts'

const quiet: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const main = join(import.meta.dirname, 'provision-main.ts')

interface Said {
  readonly code: number
  readonly out: readonly string[]
  readonly errors: string
}

describe('dead-letters', () => {
  let server: NatsServer
  let connection: JetStreamConnection
  before(async () => {
    server = await startNatsServer()
    connection = await connectJetStream({ servers: [server.url], name: 'test', log: quiet })
    await provision(connection, { partitions: 1, replicas: 1 })
  })
  after(async () => {
    await connection[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  })

  const call = async (...args: readonly string[]): Promise<Said> =>
    await callWith({ NATS_URL: server.url }, args)
  const bury = async (word: string): Promise<void> => {
    const publisher = createPublisher({ connection, log: quiet })
    const letters = async (): Promise<number> =>
      (await connection.manager.streams.info('DEAD_LETTERS')).state.messages
    const before = await letters()
    await using _reader = consume({
      connection,
      stream: 'OBSERVATIONS',
      consumers: ['dedupe-0'],
      service: 'dedupe',
      decode: () => ({ kind: 'ok', value: undefined }),
      handle: async () => ({ kind: 'reject', reason: `of no use: ${word}` }),
      publisher,
      log: quiet,
    })
    const headers = { 'Content-Type': 'text/plain' }
    await publisher.publish({
      subject: 'hermod.observation.0.c.n.web',
      id: word,
      body: `{"word":"${word}"}`,
      headers,
    })
    await eventually(async () => assert.equal(await letters(), before + 1), { timeoutMs: 30_000 })
  }

  test('an empty stream is said to be empty', async () => {
    const { code, out, errors } = await call('list')
    assert.deepEqual([code, out], [0, []])
    assert.match(errors, /no dead letters/)
  })

  test('a letter is listed with its reason and shown with its payload', async () => {
    await bury('first')
    const { out } = await call('list')
    assert.match(out[0] ?? '', /^1  \S+  dedupe  hermod\.observation\.0\.c\.n\.web  of no use: first$/)
    const listed = JSON.parse((await call('list', '--json')).out[0] ?? '')
    assert.equal(listed.reason, 'of no use: first')
    assert.equal(listed.payload, undefined)
    assert.deepEqual(JSON.parse((await call('show', '1')).out.join('')).payload, { word: 'first' })
  })

  test('a letter that is redriven arrives where it came from, as it was, and once', async () => {
    await bury('second')
    const [number = ''] = (await call('list')).out.at(-1)?.split(' ') ?? []
    const received: string[] = []
    const messages = connection.nats.subscribe('hermod.observation.>')
    const reading = (async () => {
      for await (const message of messages)
        received.push(`${message.headers?.get('content-type')} ${message.string()}`)
    })()
    await connection.nats.flush()
    assert.deepEqual((await call('redrive', number)).out, [`${number}: sent to hermod.observation.0.c.n.web`])
    assert.deepEqual((await call('redrive', number)).out, [`${number}: was sent again a moment ago`])
    await connection.nats.flush()
    messages.unsubscribe()
    await reading
    const { state } = await connection.manager.streams.info('OBSERVATIONS')
    assert.equal(state.messages, 3, 'two that were buried and one sent again')
    assert.equal(received[0], 'text/plain {"word":"second"}')
  })

  test('all letters are redriven but for those of a newer release, which are told', async () => {
    const letter = { version: 99, service: 'dedupe' }
    const at = new Date().toISOString()
    const event = {
      id: 'newer',
      source: '/hermod/dedupe',
      subject: 'x',
      time: at,
      type: 'dead-letter',
    } as const
    const body = encodeEvent({ ...event, data: letter })
    const publisher = createPublisher({ connection, log: quiet })
    const { sequence } = await publisher.publish({
      subject: 'hermod.dead-letter.dedupe.X',
      id: 'newer',
      body,
    })
    const all = await call('redrive', '--all')
    assert.equal(all.code, 0)
    assert.equal(all.out.length, 2)
    assert.match(all.errors, new RegExp(`${sequence}: not sent, of version 99, which needs a newer release`))
    const one = await call('redrive', String(sequence))
    assert.deepEqual([one.code, one.out], [2, []])
    assert.match(one.errors, /version 99/)
  })

  test('what there is not, and what is no number, is said in a line with what to do', async () => {
    const unknown = await call('show', '4711')
    assert.deepEqual([unknown.code, unknown.out], [2, []])
    assert.match(unknown.errors, /no dead letter 4711: `dead-letters list` shows/)
    for (const args of [[], ['burn'], ['show'], ['show', '-1'], ['show', '1.5'], ['list', '--colour']]) {
      const { code, errors } = await call(...args)
      assert.equal(code, 2, args.join(' '))
      assert.match(errors, /usage: dead-letters list/)
    }
  })

  test('a NATS that is not there and one that does not know us are told apart', async () => {
    const gone = await callWith({ NATS_URL: 'nats://127.0.0.1:9' }, ['list'])
    assert.equal(gone.code, 2)
    assert.match(gone.errors, /127\.0\.0\.1:9.*: check NATS_URL/)
    await using guarded = await startNatsServer({ config: 'authorization { user: a, password: b }' })
    const wrong = await callWith({ NATS_URL: guarded.url, NATS_USER: 'a', NATS_PASSWORD: 'wrong-password' }, [
      'list',
    ])
    assert.equal(wrong.code, 2)
    assert.match(wrong.errors, /check NATS_USER and its password/)
    assert.doesNotMatch(wrong.errors, /wrong-password/)
  })

  test('a NATS that nobody provisioned is named as such', async () => {
    await using empty = await startNatsServer()
    const { code, errors } = await callWith({ NATS_URL: empty.url }, ['list'])
    assert.equal(code, 2)
    assert.match(errors, /stream not found/)
  })

  test('as a process it writes no colour for a dumb terminal and ends without a word when its reader leaves', async () => {
    const env = { PATH: process.env['PATH'], NATS_URL: server.url, TERM: 'dumb' }
    const { stdout } = await run([main, 'dead-letters', 'list'], env)
    assert.match(stdout, /^1 {2}/)
    assert.ok(!stdout.includes('\u001b'))
    const child = spawn(process.execPath, [main, 'dead-letters', 'list'], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.stdout.destroy()
    let errors = ''
    child.stderr.on('data', (chunk) => (errors += chunk))
    const [code] = await once(child, 'close')
    assert.deepEqual([code, errors], [0, ''])
  })
})

async function callWith(env: Readonly<Record<string, string>>, args: readonly string[]): Promise<Said> {
  const out: string[] = []
  const errors: string[] = []
  const { signal } = new AbortController()
  const print = (line: string): unknown => out.push(line)
  const code = await deadLetters({ env, args, print, complain: (line) => errors.push(line), signal })
  return { code, out, errors: errors.join('\n') }
}

async function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<{ readonly stdout: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ stdout: string }>()
  execFile(process.execPath, args, { env }, (error, stdout) => (error ? reject(error) : resolve({ stdout })))
  return await promise
}
