import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createScrubber, scrubPatterns } from './scrubber.ts'
import { Secret } from './secret.ts'

const patterns: readonly [string, string][] = [
  ['token xoxb-1234-abcdef ends', 'token [secret] ends'],
  ['xoxp-1234567', '[secret]'],
  ['xoxe.xoxp-1-abcdefgh', '[secret]'],
  ['xapp-1-A1-abcdef', '[secret]'],
  ['Authorization: Bearer abc.def-ghi', 'Authorization: Bearer [secret]'],
  ['{"authorization":"Basic dXNlcjpwYXNz"}', '{"authorization":"Basic [secret]"}'],
  ['nats://user:p@ss@host:4222/x', 'nats://[secret]@host:4222/x'],
  ['https://key@sentry.example/1', 'https://[secret]@sentry.example/1'],
  [`eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJlIn0.c2lnbmF0dXJl`, '[secret]'],
  [`SU${'A2'.repeat(28)}`, '[secret]'],
]

for (const [text, expected] of patterns)
  test(`masks ${text.slice(0, 24)}…`, () => {
    assert.equal(scrubPatterns(text), expected)
  })

const harmless = [
  'https://hooks.example.com/a?to=me@example.com',
  'the bearer of news',
  'mail me@example.com',
  'ghcr.io/org/app@sha256:0123456789abcdef',
  'basic auth is on',
  '{"url":"https://host","user":"a@b"}',
]

for (const text of harmless)
  test(`leaves ${text} alone`, () => {
    assert.equal(scrubPatterns(text), text)
  })

const travels: readonly [string, (secret: string) => string][] = [
  ['as itself', (secret) => `failed with ${secret}!`],
  ['twice', (secret) => `${secret}${secret}`],
  ['inside JSON', (secret) => JSON.stringify({ deep: [{ [secret]: `x${secret}` }] })],
  ['in a query', (secret) => `https://h/?a=${encodeURIComponent(secret)}`],
  ['in base64', (secret) => Buffer.from(secret).toString('base64')],
]

for (const [name, wrap] of travels)
  test(`masks a known secret ${name}`, () => {
    const secret = 'can"ary\\ 47/11+ü'
    const scrubber = createScrubber()
    scrubber.add(Secret.of(secret))
    const scrubbed = scrubber.scrub(wrap(secret))
    assert.match(scrubbed, /\[secret\]/)
    assert.ok(!/can|ary|47|Y2Fu/.test(scrubbed), scrubbed)
  })

test('masks the password of a login on its own, and the header made of both', () => {
  const scrubber = createScrubber()
  scrubber.add(Secret.of('robot:pass:word'))
  assert.equal(scrubber.scrub('robot, pass:word'), 'robot, [secret]')
  assert.equal(scrubber.scrub(Buffer.from('robot:pass:word').toString('base64')), '[secret]')
})

test('masks the longer of two secrets whole', () => {
  const scrubber = createScrubber()
  scrubber.add(Secret.of('token'))
  scrubber.add(Secret.of('token-long'))
  assert.equal(scrubber.scrub('token-long token'), '[secret] [secret]')
})

test('masks old and new values of a secret that rotates', () => {
  let value = 'first-value'
  const secret = new Secret(() => value)
  const scrubber = createScrubber()
  scrubber.add(secret)
  assert.equal(scrubber.scrub('first-value'), '[secret]')
  value = 'second-value'
  secret.reveal()
  assert.equal(scrubber.scrub('first-value second-value'), '[secret] [secret]')
})

test('does not blot out words for a very short secret', () => {
  const scrubber = createScrubber()
  scrubber.add(Secret.of('dev'))
  assert.equal(scrubber.scrub('developer'), 'developer')
})

test('no known secret survives in any text', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 4, unit: 'grapheme' }),
      fc.string(),
      fc.string(),
      (value, before, after) => {
        fc.pre(!'[secret]'.includes(value))
        const scrubber = createScrubber()
        scrubber.add(Secret.of(value))
        const line = JSON.stringify({ text: before + value + after })
        assert.ok(!scrubber.scrub(line).includes(JSON.stringify(value).slice(1, -1)))
      },
    ),
  )
})

test('a long hostile text is scrubbed in no time', () => {
  const started = performance.now()
  for (const piece of ['://', '://a', 'xoxb-', 'eyJaaaaaaaaaa.', 'Bearer ', 'SU'])
    scrubPatterns(piece.repeat(100_000 / piece.length))
  assert.ok(performance.now() - started < 2000)
})
