import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { eventually, makeTempFolder, startFakeSentry } from '@hermod/testkit'

const canary = 'canary-4711-xyzzy'

// Loading Sentry's sources takes many seconds on a busy machine.
const patience = { timeoutMs: 60_000 }

interface Toy extends AsyncDisposable {
  readonly child: ChildProcess
  /** Everything it wrote to stdout so far, by line. */
  readonly lines: () => readonly Record<string, unknown>[]
  readonly stdout: () => string
  readonly stderr: () => string
  readonly said: (message: string) => Promise<Record<string, unknown>>
  readonly port: () => Promise<number>
  /** Its exit code, once it has ended by itself. */
  readonly code: () => Promise<number | null>
  readonly lastWords: () => string
}

interface Play {
  /** The body of the service's `start(config, deps)`. */
  readonly start?: string
  /** More of runService's options. */
  readonly options?: string
  readonly env?: Readonly<Record<string, string>>
  readonly args?: readonly string[]
  /** A file descriptor instead of the pipe that `lines` reads. */
  readonly stdout?: number
}

/** A service of its own process: `token` and `count` are its settings, `start` its life. */
async function play({
  start = 'return idle()',
  options = '',
  env = {},
  args = [],
  stdout,
}: Play = {}): Promise<Toy> {
  const folder = await makeTempFolder('toy')
  const terminationLog = join(folder.path, 'termination-log')
  writeFileSync(terminationLog, '')
  const script = `
    import { FatalError, runService, setting } from ${JSON.stringify(import.meta.resolve('./index.ts'))}
    const settings = {
      token: setting.secret({ variable: 'TOKEN', optional: true, about: 'the token' }),
      count: setting.integer({ variable: 'COUNT', flag: 'count', default: 1, about: 'a number' }),
    }
    const idle = (dispose = () => undefined) => {
      const timer = setInterval(() => undefined, 1000)
      return { async [Symbol.asyncDispose]() { await dispose(); clearInterval(timer) } }
    }
    await runService({
      name: 'toy', settings, env: process.env, argv: ['node', 'toy', ...process.argv.slice(1)],
      terminationLog: ${JSON.stringify(terminationLog)},
      start: async (config, { log, health, metrics, signal, report, fail }) => { ${start} },
      ${options}
    })`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, '--', ...args], {
    env: { PATH: process.env['PATH'], HTTP_PORT: '0', HTTP_HOST: '127.0.0.1', ...env },
    stdio: ['ignore', stdout ?? 'pipe', 'pipe'],
  })
  const exit = once(child, 'close')
  const output = { stdout: '', stderr: '' }
  child.stdout?.setEncoding('utf8').on('data', (part: string) => (output.stdout += part))
  child.stderr?.setEncoding('utf8').on('data', (part: string) => (output.stderr += part))
  const lines = () =>
    output.stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  const said: Toy['said'] = (message) =>
    eventually(() => {
      const line = lines().find(({ msg }) => msg === message)
      assert.ok(line, `not said: ${message}\n${output.stdout}${output.stderr}`)
      return line
    }, patience)
  return {
    child,
    lines,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    said,
    port: async () => Number((await said('starting'))['httpPort']),
    async code() {
      await eventually(() => assert.notEqual(child.exitCode, null, `still runs\n${output.stdout}`), patience)
      await exit
      return child.exitCode
    },
    lastWords: () => readFileSync(terminationLog, 'utf8'),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await exit
      await folder[Symbol.asyncDispose]()
    },
  }
}

function messages(toy: Toy): readonly unknown[] {
  return toy.lines().map(({ msg }) => msg)
}

describe('a service', { concurrency: 4 }, () => {
  test('does what its first word names instead of running', async () => {
    const options =
      'commands: { greet: async () => async ({ args, print }) => { print(`hello ${args}`); return 3 } },'
    await using toy = await play({ options, args: ['greet', 'you'] })
    assert.equal(await toy.code(), 3)
    assert.equal(toy.stdout(), 'hello you\n')
  })

  test('does not run when its first word is none that it knows', async () => {
    await using toy = await play({
      options: 'commands: { greet: async () => async () => 0 },',
      args: ['greeet'],
    })
    assert.equal(await toy.code(), 2)
    assert.match(toy.stderr(), /unknown word "greeet": use greet, or flags alone/)
  })

  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    test(`ends with 0 at ${signal}, after its signal was aborted and it was disposed of`, async () => {
      await using toy = await play({
        start: `signal.addEventListener('abort', () => log.info('asked')); return idle(() => log.info('disposed'))`,
      })
      await toy.said('started')
      toy.child.kill(signal)
      assert.equal(await toy.code(), 0)
      assert.deepEqual(messages(toy), ['starting', 'started', 'stopping', 'asked', 'disposed', 'stopped'])
      assert.equal(toy.lastWords(), '')
    })

  test('that has done its work ends with 0 by itself', async () => {
    await using toy = await play({ start: `log.info('worked')` })
    assert.equal(await toy.code(), 0)
    assert.deepEqual(messages(toy), ['starting', 'worked'])
  })

  test('asked to stop while it starts is disposed of, and ends with 0', async () => {
    await using toy = await play({
      start: `log.info('waiting'); await new Promise((resolve) => setTimeout(resolve, 60_000, signal.addEventListener('abort', resolve)));
        return idle(() => log.info('disposed'))`,
    })
    await toy.said('waiting')
    toy.child.kill('SIGTERM')
    assert.equal(await toy.code(), 0)
    assert.ok(messages(toy).includes('disposed'))
  })

  test('whose start fails because it was asked to stop ends with 0', async () => {
    await using toy = await play({
      start: `log.info('waiting'); await new Promise((_, reject) => setTimeout(reject, 60_000, signal.addEventListener('abort', () => reject(new Error('cut off')))))`,
    })
    await toy.said('waiting')
    toy.child.kill('SIGTERM')
    assert.equal(await toy.code(), 0)
    assert.equal(toy.lastWords(), '')
  })

  test('that does not stop is ended with 1, and says what it was doing and what is open', async () => {
    await using toy = await play({
      start: `return idle(() => new Promise(() => undefined))`,
      options: 'stopWithinMs: 200',
    })
    await toy.said('started')
    toy.child.kill('SIGTERM')
    assert.equal(await toy.code(), 1)
    assert.match(toy.lastWords(), /^toy: did not stop within 200 ms: it was stopping; still open: .*Timeout/)
  })

  test('that ignores the signal while it starts is ended with 1', async () => {
    await using toy = await play({
      start: `await new Promise(() => undefined)`,
      options: 'stopWithinMs: 200',
    })
    await toy.said('starting')
    toy.child.kill('SIGTERM')
    assert.equal(await toy.code(), 1)
    assert.match(toy.lastWords(), /it was starting/)
  })

  test('is ended at once by a second signal', async () => {
    await using toy = await play({ start: `return idle(() => new Promise(() => undefined))` })
    await toy.said('started')
    toy.child.kill('SIGTERM')
    await toy.said('stopping')
    toy.child.kill('SIGINT')
    assert.equal(await toy.code(), 1)
    assert.equal(toy.lastWords(), 'toy: second signal, SIGINT: ended at once')
  })

  test('that cannot be disposed of cleanly ends with 1', async () => {
    await using toy = await play({ start: `return idle(() => { throw new Error('stuck drain') })` })
    await toy.said('started')
    toy.child.kill('SIGTERM')
    assert.equal(await toy.code(), 1)
    assert.equal(toy.lastWords(), 'toy: Error: stuck drain')
  })

  for (const [name, crash, words] of [
    ['an uncaught exception', `setTimeout(() => { throw new TypeError('broken') })`, 'TypeError: broken'],
    ['an unhandled rejection', `void Promise.reject(new TypeError('broken'))`, 'TypeError: broken'],
    ['a rejection with nothing', `void Promise.reject()`, 'undefined'],
    ['a start that fails', `throw new TypeError('broken')`, 'TypeError: broken'],
  ] as const)
    test(`is ended with 1 by ${name}, and leaves its last words`, async () => {
      await using toy = await play({ start: `${crash}; return idle()` })
      assert.equal(await toy.code(), 1)
      assert.equal(toy.lastWords(), `toy: ${words}`)
      assert.equal(toy.lines().at(-1)?.['level'], 'error')
    })

  test('an unhandled rejection reaches Sentry, without secrets, before the end', async () => {
    await using sentry = await startFakeSentry()
    await using toy = await play({
      start: `void Promise.reject(new Error('broken by ' + config.token.reveal())); return idle()`,
      env: { TOKEN: canary, SENTRY_ENDPOINT: sentry.dsn },
    })
    assert.equal(await toy.code(), 1)
    const [envelope, ...more] = sentry.envelopes
    assert.deepEqual(more, [])
    assert.match(envelope?.text ?? '', /broken by \[secret\]/)
    assert.ok(!`${envelope?.text}${toy.stdout()}${toy.lastWords()}`.includes(canary))
  })

  test('a Sentry that hangs does not hold up the end for long, and what breaks meanwhile changes nothing', async () => {
    await using sentry = await startFakeSentry()
    sentry.inject({ kind: 'hang' })
    await using toy = await play({
      start: `setTimeout(() => { throw new Error('broken further') }, 100); throw new Error('broken')`,
      env: { SENTRY_ENDPOINT: sentry.dsn },
    })
    await toy.said('Error: broken')
    const started = performance.now()
    assert.equal(await toy.code(), 1)
    assert.ok(performance.now() - started < 30_000)
    assert.equal(toy.lastWords(), 'toy: Error: broken')
  })

  for (const [name, start] of [
    [
      'its start',
      `throw new FatalError('16 partitions are not 8', { remedy: 'drain, then provision anew' })`,
    ],
    [
      'a part of it',
      `setTimeout(fail, 10, new FatalError('16 partitions are not 8', { remedy: 'drain, then provision anew' }))`,
    ],
    [
      'an error of another package',
      `throw Object.assign(new Error('16 partitions are not 8'), { remedy: 'drain, then provision anew' })`,
    ],
  ] as const)
    test(`is ended with 2 by what ${name} cannot mend, and says the remedy`, async () => {
      await using toy = await play({ start: `${start}; return idle(() => log.info('disposed'))` })
      assert.equal(await toy.code(), 2)
      assert.equal(toy.lastWords(), 'toy: 16 partitions are not 8: drain, then provision anew')
      assert.equal(messages(toy).includes('disposed'), name === 'a part of it')
    })

  test('that fails while it starts ends by that failure, whatever its start comes to', async () => {
    await using toy = await play({
      start: `fail(new FatalError('no such stream', { remedy: 'provision' })); throw signal.reason`,
    })
    assert.equal(await toy.code(), 2)
    assert.equal(toy.lastWords(), 'toy: no such stream: provision')
  })

  test('with wrong settings ends with 2 before it starts, and tells all of them, its own and the process’s', async () => {
    await using toy = await play({
      start: `log.info('started too early')`,
      env: { HTTP_PORT: '-1', SENTRY_ENDPOINT: canary, TOKEN_FILE: '/nowhere' },
      args: ['--count', 'many', '--level=loud'],
    })
    assert.equal(await toy.code(), 2)
    assert.equal(toy.stdout(), '')
    assert.equal(toy.stderr().trim(), toy.lastWords())
    assert.deepEqual(toy.lastWords().split('\n'), [
      'toy: cannot start with these settings:',
      '  TOKEN_FILE names a file that is no use, for /nowhere cannot be read (ENOENT): mount it or name another',
      '  --count = "many" is not a whole number in range: give one',
      '  --level = "loud" is unknown: use one of debug, info, warn, error',
      '  HTTP_PORT = "-1" is not a whole number in range: give one from 0 to 65535',
      '  SENTRY_ENDPOINT is not a Sentry DSN: give the one that Sentry shows for the project',
    ])
  })

  test('with settings that do not fit together ends with 2', async () => {
    await using toy = await play({
      options: `check: ({ count }) => count > 1 ? [{ name: 'COUNT', problem: 'is too much', remedy: 'use 1' }] : []`,
      args: ['-count=2'],
    })
    assert.equal(await toy.code(), 2)
    assert.equal(toy.lastWords(), 'toy: cannot start with these settings:\n  COUNT is too much: use 1')
  })

  test('whose port is taken ends with 2 and names HTTP_PORT', async () => {
    await using other = await startFakeSentry()
    const { port } = other
    await using toy = await play({ env: { HTTP_PORT: String(port) } })
    assert.equal(await toy.code(), 2)
    assert.match(
      toy.lastWords(),
      new RegExp(`^toy: HTTP_PORT ${port} is taken by another process: set HTTP_PORT`),
    )
  })

  test('is alive but not ready while it starts, ready when started, and tells its metrics', async () => {
    await using toy = await play({
      start: `
        metrics.counter({ name: 'toy_total', help: 'toys' }).inc()
        await new Promise((resolve) => process.once('SIGUSR2', resolve))
        return idle()`,
    })
    const url = `http://127.0.0.1:${await toy.port()}`
    const status = async (path: string) =>
      (await fetch(url + path, { headers: { connection: 'close' } })).status
    assert.equal(await status('/livez'), 200)
    assert.equal(await status('/readyz'), 503)
    toy.child.kill('SIGUSR2')
    await toy.said('started')
    assert.equal(await status('/readyz'), 200)
    assert.match(await (await fetch(`${url}/metrics`)).text(), /^toy_total 1$/m)
  })

  test('takes up a secret whose file was rotated, and prints neither the old nor the new one', async () => {
    await using folder = await makeTempFolder('secret')
    const swap = (version: string, value: string): void => {
      mkdirSync(join(folder.path, version))
      writeFileSync(join(folder.path, version, 'token'), value)
      symlinkSync(version, join(folder.path, 'next'))
      renameSync(join(folder.path, 'next'), join(folder.path, '..data'))
    }
    swap('1', `old-${canary}`)
    await using toy = await play({
      start: `
        setInterval(() => {
          const token = config.token.reveal()
          log.info({ token: config.token, inside: 'a ' + token, config }, token.startsWith('new') ? 'new' : 'old')
        }, 50)
        return idle()`,
      env: { TOKEN_FILE: join(folder.path, '..data', 'token') },
    })
    await toy.said('old')
    swap('2', `new-${canary}\n`)
    assert.equal((await toy.said('new'))['inside'], 'a [secret]')
    await toy.said('secret file was rotated')
    assert.ok(!toy.stdout().includes(canary))
  })

  test('shows no secret in log, health, last words or stderr, whatever happens to it', async () => {
    await using toy = await play({
      start: `
        const token = config.token.reveal()
        log.info({ config, args: [token], url: 'https://me:' + token + '@host' }, 'uses ' + token)
        health.set('slack', { ok: false, detail: 'refused ' + token })
        setTimeout(() => { throw Object.assign(new Error('for ' + token), { headers: { authorization: token } }) }, 1000)
        return idle()`,
      env: { TOKEN: canary },
    })
    const url = `http://127.0.0.1:${await toy.port()}`
    await toy.said('started')
    const told = await (await fetch(`${url}/readyz`)).text()
    assert.match(told, /refused \[secret\]/)
    assert.equal(await toy.code(), 1)
    assert.equal(toy.lastWords(), 'toy: Error: for [secret]')
    assert.ok(!`${toy.stdout()}${toy.stderr()}${toy.lastWords()}${told}`.includes(canary))
  })

  test('lives on when nobody reads its log any more', async () => {
    await using toy = await play({
      start: `
        const written = metrics.counter({ name: 'toy_total', help: 'lines' })
        setInterval(() => { log.info('again'); written.inc() }, 10)
        return idle()`,
    })
    const url = `http://127.0.0.1:${await toy.port()}/metrics`
    const written = async () => Number(/^toy_total (\d+)$/m.exec(await (await fetch(url)).text())?.[1])
    toy.child.stdout?.destroy()
    const before = await written()
    await eventually(async () => assert.ok((await written()) > before + 10), patience)
    toy.child.kill('SIGTERM')
    assert.equal(await toy.code(), 0)
  })

  test('lives on when its log cannot be written', async () => {
    const unwritable = openSync('/dev/null', 'r')
    await using toy = await play({ start: `process.stderr.write('up'); return idle()`, stdout: unwritable })
    closeSync(unwritable)
    await eventually(() => assert.equal(toy.stderr(), 'up'), patience)
    toy.child.kill('SIGTERM')
    assert.equal(await toy.code(), 0)
  })
})
