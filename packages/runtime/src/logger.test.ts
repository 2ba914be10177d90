import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLogger, type Logger, type LogLevel } from './logger.ts'
import { createScrubber } from './scrubber.ts'
import { Secret } from './secret.ts'

const canary = 'canary-4711'

function collect(level: LogLevel = 'debug'): {
  log: Logger
  lines: string[]
  last: () => Record<string, unknown>
} {
  const lines: string[] = []
  const scrubber = createScrubber()
  scrubber.add(Secret.of(canary))
  const log = createLogger({ service: 'toy', level, scrubber, write: (line) => lines.push(line) })
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? '') }
}

test('a line is JSON with level, time, service, fields and message', () => {
  const { log, last, lines } = collect()
  log.info({ namespace: 'shop', n: 1 }, 'said')
  const { time, ...rest } = last()
  assert.deepEqual(rest, { level: 'info', service: 'toy', namespace: 'shop', n: 1, msg: 'said' })
  assert.ok(Math.abs(Date.parse(String(time)) - Date.now()) < 60_000)
  assert.ok(lines[0]?.endsWith('}\n'))
})

test('an error is told by name, message, code and stack alone, in a child too', () => {
  const { log, last } = collect()
  const err = Object.assign(new TypeError('broken'), { code: 'EX', options: { headers: {} } })
  const told = { name: 'TypeError', message: 'broken', code: 'EX', stack: err.stack }
  log.error({ err }, 'said')
  assert.deepEqual(last()['err'], told)
  log.child({ err }).error('said')
  assert.deepEqual(last()['err'], told)
})

test('a child adds its fields to each line', () => {
  const { log, last } = collect()
  log.child({ partition: 3 }).child({ key: 'a' }).warn('said')
  const { partition, key, service, msg } = last()
  assert.deepEqual({ partition, key, service, msg }, { partition: 3, key: 'a', service: 'toy', msg: 'said' })
})

test('lines below the level are not written', () => {
  const { log, lines } = collect('warn')
  log.debug('a')
  log.info({ a: 1 }, 'b')
  log.warn('c')
  log.error('d')
  assert.equal(lines.length, 2)
})

test('a message with percent signs stays as it is', () => {
  const { log, last } = collect()
  log.info({ a: 1 }, '100 %s of %d %%')
  assert.equal(last()['msg'], '100 %s of %d %%')
})

const leaks: readonly [string, (log: Logger) => void][] = [
  ['a message', (log) => log.info(`with ${canary}`)],
  ['a field', (log) => log.info({ deep: { field: `x ${canary}` } }, 'said')],
  ['the name of a field', (log) => log.info({ [canary]: 1 }, 'said')],
  ['a field of a child', (log) => log.child({ url: `https://a:${canary}@host` }).info('said')],
  ['an error', (log) => log.error({ err: new Error(canary, { cause: new Error(canary) }) }, 'said')],
  [
    'what an HTTP error carries',
    (log) => log.error({ err: Object.assign(new Error('x'), { auth: canary }) }, 'said'),
  ],
  ['an error logged bare', (log) => log.error(new Error(canary), 'said')],
  ['a URL of its own', (log) => log.info({ url: new URL(`https://me:${canary}-other@host`) }, 'said')],
]

for (const [name, write] of leaks)
  test(`no secret leaves in ${name}`, () => {
    const { log, lines } = collect()
    write(log)
    assert.equal(lines.length, 1)
    assert.ok(!lines[0]?.includes(canary), lines.join())
    assert.ok(JSON.parse(lines[0] ?? ''))
  })

test('nothing of a secret is left where a text is cut', () => {
  const { log, lines } = collect()
  const text = 'x'.repeat(1995) + canary + 'x'.repeat(5000)
  const err = Object.assign(new Error(text), { stack: 'x'.repeat(2000) + text })
  log.child({ text }).error({ text, [text]: 1, err }, text)
  assert.ok(!lines.join().includes(canary.slice(0, 4)), lines.join())
})

test('message and fields are cut', () => {
  const { log, lines } = collect()
  log.info({ body: 'x'.repeat(100_000), err: new Error('x'.repeat(100_000)) }, 'x'.repeat(100_000))
  assert.ok((lines[0]?.length ?? 0) < 20_000)
})

test('what cannot be shown does not throw', () => {
  const { log, last } = collect()
  log.info(new Proxy({}, { ownKeys: () => assert.fail('trap') }), 'said')
  assert.equal(last()['msg'], 'said')
})
