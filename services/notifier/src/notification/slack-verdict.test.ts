import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { judge } from './slack-verdict.ts'
import { slackCodes } from './testdata/slack-codes.ts'

describe("Slack's error codes", () => {
  for (const [kind, codes] of Object.entries(slackCodes)) {
    for (const code of codes) {
      it(`${code || 'no code at all'} is ${kind}`, () => {
        const verdict = judge({ kind: 'reply', ok: false, error: code })
        assert.equal(verdict.kind, kind)
        if (verdict.kind !== 'unknown' && verdict.kind !== 'delivered') assert.equal(verdict.reason, code)
      })
    }
  }
})

describe('other ends of a call', () => {
  it('ok is delivered', () => {
    assert.deepEqual(judge({ kind: 'reply', ok: true }), { kind: 'delivered' })
  })

  it('waits as long as a 429 says, and for a good while when it does not say', () => {
    const limited = (retryAfterSeconds?: number) => judge({ kind: 'http', status: 429, retryAfterSeconds })
    assert.deepEqual(limited(7), { kind: 'rate-limited', reason: 'HTTP 429', retryAfterMs: 7_000 })
    assert.deepEqual(limited(0), { kind: 'rate-limited', reason: 'HTTP 429', retryAfterMs: 0 })
    assert.deepEqual(limited(), { kind: 'rate-limited', reason: 'HTTP 429', retryAfterMs: 30_000 })
  })

  for (const code of ['ratelimited', 'rate_limited']) {
    it(`waits a good while when Slack says ${code} and not for how long`, () => {
      const limited = { kind: 'rate-limited', reason: code, retryAfterMs: 30_000 }
      assert.deepEqual(judge({ kind: 'reply', ok: false, error: code }), limited)
    })
  }

  for (const status of [500, 503, 599, 200, 204, 299]) {
    it(`does not know what became of a call that ended in HTTP ${status}`, () => {
      assert.deepEqual(judge({ kind: 'http', status }), { kind: 'unknown', reason: `HTTP ${status}` })
    })
  }

  for (const status of [300, 302, 400, 403, 428, 430, 499]) {
    it(`knows that a proxy's HTTP ${status} never reached Slack`, () => {
      assert.deepEqual(judge({ kind: 'http', status }), { kind: 'retry', reason: `HTTP ${status}` })
    })
  }

  for (const code of ['ECONNRESET', 'EPIPE', 'no answer in time', '', undefined]) {
    it(`does not know what became of a call after ${code ?? 'a loss of the connection'}`, () => {
      const reason = code ?? 'connection lost'
      assert.deepEqual(judge({ kind: 'network', code }), { kind: 'unknown', reason })
    })
  }

  for (const code of [
    'ECONNREFUSED',
    'ENOTFOUND',
    'EAI_AGAIN',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'ERR_PROXY_TUNNEL',
    'CERT_HAS_EXPIRED',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'ERR_TLS_CERT_ALTNAME_INVALID',
  ]) {
    it(`knows that nothing was sent after ${code}`, () => {
      assert.deepEqual(judge({ kind: 'network', code }), { kind: 'retry', reason: code })
    })
  }

  for (const error of ['abc', 'a1_', 'a'.repeat(61), 'some_code_of_tomorrow']) {
    it(`takes ${error.slice(0, 24)} for a code that nobody knew`, () => {
      assert.deepEqual(judge({ kind: 'reply', ok: false, error }), { kind: 'payload', reason: error })
    })
  }

  for (const error of [
    undefined,
    '',
    'ab',
    'a'.repeat(62),
    'Abc',
    '1bc',
    'a-b-c',
    ' abc',
    'abc\n',
    '<html>abc',
  ]) {
    it(`takes ${JSON.stringify(error?.slice(0, 24))} for no word of Slack's`, () => {
      const reason = 'an answer that is not from Slack'
      assert.deepEqual(judge({ kind: 'reply', ok: false, error }), { kind: 'unknown', reason })
    })
  }
})
