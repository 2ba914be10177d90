import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { code, plainText } from './escape.ts'
import { withoutSecrets } from './secrets.ts'

const canary = 'hunter2hunter2'

describe('what a crashing program printed', () => {
  for (const words of [
    `dial postgres://app:${canary}@db.shop:5432/app: refused`,
    `redis://:${canary}@cache:6379`,
    `DB_PASSWORD=${canary} is not accepted`,
    `config {"user":"app","password":"${canary}"}`,
    `password: ${canary}`,
    `API_KEY="${canary}"`,
    `AUTH_TOKEN=${canary}&x=1`,
    `{"secret":"${canary}"}`,
    `Authorization: Bearer ${canary}`,
    `xoxb-1234-${canary}`,
    `ghp_${canary}${canary}`,
    `glpat-${canary}`,
    `AKIA${canary.toUpperCase()}`,
    `eyJhbGciOiJIUzI1NiJ9.${canary}.${canary}`,
  ])
    it(`is told without the secret in ${words.replaceAll(canary, '…')}`, () => {
      for (const told of [withoutSecrets(words), plainText(words), code(words)])
        assert.doesNotMatch(told, new RegExp(canary, 'i'))
    })

  for (const words of [
    'secret "checkout" not found',
    "couldn't find key DB_PASSWORD in Secret shop/checkout",
    'Error: secret: not found',
    'token: expected a string',
    'panic: DB_URL is not set',
    'GET https://registry.example/v2/: unauthorized: basic auth',
    'dial tcp 10.0.0.1:5432: connect: connection refused',
    'ssh://git@host/x',
  ])
    it(`stays as it is where there is none: ${words}`, () => assert.equal(withoutSecrets(words), words))

  it('is read in no time, however long it is', () => {
    const long = ['password', 'https://', 'a-', 'eyJ', 'token', ':']
      .map((part) => part.repeat(20_000))
      .join('')
    const started = performance.now()
    withoutSecrets(long)
    assert.ok(performance.now() - started < 1_000)
  })
})
