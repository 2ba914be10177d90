import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { judge, type Verdict } from './slack-verdict.ts'

const expected: Readonly<Record<string, readonly string[]>> = {
  token: [
    'not_authed',
    'invalid_auth',
    'account_inactive',
    'token_revoked',
    'token_expired',
    'missing_scope',
    'not_allowed_token_type',
    'access_denied',
    'accesslimited',
    'app_access_restricted',
    'two_factor_setup_required',
    'enterprise_is_restricted',
  ],
  channel: [
    'channel_not_found',
    'not_in_channel',
    'is_archived',
    'restricted_action',
    'restricted_action_read_only_channel',
    'restricted_action_thread_only_channel',
    'restricted_action_non_threadable_channel',
    'restricted_action_thread_locked',
    'no_permission',
    'ekm_access_denied',
    'cannot_reply_to_message',
    'messages_tab_disabled',
    'team_not_found',
  ],
  payload: [
    'no_text',
    'msg_too_long',
    'msg_blocks_too_long',
    'invalid_blocks',
    'invalid_blocks_format',
    'invalid_attachments',
    'too_many_attachments',
    'attachment_payload_limit_exceeded',
    'invalid_metadata_format',
    'invalid_metadata_schema',
    'metadata_too_large',
    'metadata_must_be_sent_from_app',
    'markdown_text_conflict',
    'invalid_form_data',
    'invalid_charset',
    'invalid_arg_name',
    'a_code_of_next_year',
  ],
  'update-gone': [
    'message_not_found',
    'thread_not_found',
    'cant_update_message',
    'edit_window_closed',
    'is_inactive',
    'block_mismatch',
    'streaming_state_conflict',
  ],
  retry: [
    'service_unavailable',
    'update_failed',
    'external_channel_migrating',
    'team_added_to_org',
    'org_login_required',
    'message_limit_exceeded',
  ],
  unknown: ['fatal_error', 'request_timeout', 'internal_error', '', '<!DOCTYPE html><title>Sign in</title>'],
  'rate-limited': ['ratelimited', 'rate_limited'],
}

describe("Slack's error codes", () => {
  for (const [kind, codes] of Object.entries(expected)) {
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
