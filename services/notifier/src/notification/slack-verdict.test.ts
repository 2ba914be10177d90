import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { judge, type Verdict } from './slack-verdict.ts'
import { slackCodes } from './testdata/slack-codes.ts'

describe("Slack's error codes", () => {
  for (const [kind, codes] of Object.entries(slackCodes)) {
    for (const code of codes) {
      it(`${code || 'no code at all'} is ${kind}`, () => {
        assert.equal(judge({ kind: 'reply', ok: false, error: code }).kind, kind)
      })
    }
  }
})

describe('other ends of a call', () => {
  const kindOf = (end: Parameters<typeof judge>[0]): Verdict['kind'] => judge(end).kind

  it('ok is delivered', () => {
    assert.deepEqual(judge({ kind: 'reply', ok: true }), { kind: 'delivered' })
  })

  it('waits as long as a 429 says, and for a good while when it does not say', () => {
    const limited = (retryAfterSeconds?: number) => judge({ kind: 'http', status: 429, retryAfterSeconds })
    assert.deepEqual(limited(7), { kind: 'rate-limited', reason: 'HTTP 429', retryAfterMs: 7_000 })
    assert.deepEqual(limited(), { kind: 'rate-limited', reason: 'HTTP 429', retryAfterMs: 30_000 })
  })

  it('does not know what became of a call that ended in a 5xx or in silence', () => {
    assert.equal(kindOf({ kind: 'http', status: 503 }), 'unknown')
    assert.equal(kindOf({ kind: 'network', code: 'ECONNRESET' }), 'unknown')
    assert.equal(kindOf({ kind: 'network', code: 'no answer in time' }), 'unknown')
    assert.equal(kindOf({ kind: 'network', code: undefined }), 'unknown')
  })

  it("knows that a proxy's refusal or a missing route never reached Slack", () => {
    assert.equal(kindOf({ kind: 'http', status: 403 }), 'retry')
    assert.equal(kindOf({ kind: 'http', status: 302 }), 'retry')
    assert.equal(kindOf({ kind: 'network', code: 'ECONNREFUSED' }), 'retry')
    assert.equal(kindOf({ kind: 'network', code: 'ENOTFOUND' }), 'retry')
    assert.equal(kindOf({ kind: 'network', code: 'CERT_HAS_EXPIRED' }), 'retry')
  })
})
