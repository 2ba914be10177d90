/** How a call to Slack ended, told by whoever made it; nothing of the token is in it. */
export type CallEnd =
  /** Slack's own JSON, at HTTP 200. */
  | { readonly kind: 'reply'; readonly ok: boolean; readonly error?: string | undefined }
  /** Anything else over HTTP: a proxy's page, a 5xx, a body that is no JSON. */
  | { readonly kind: 'http'; readonly status: number; readonly retryAfterSeconds?: number | undefined }
  /** Nothing came back. `code` is the system's or Node's. */
  | { readonly kind: 'network'; readonly code: string | undefined }

export type Verdict =
  | { readonly kind: 'delivered' }
  /** Not carried out; later it may be. */
  | { readonly kind: 'retry'; readonly reason: string }
  | { readonly kind: 'rate-limited'; readonly reason: string; readonly retryAfterMs: number }
  /** It may have been carried out all the same. */
  | { readonly kind: 'unknown'; readonly reason: string }
  /** Nothing goes until the token or the app is mended. */
  | { readonly kind: 'token'; readonly reason: string }
  /** This channel cannot take it. */
  | { readonly kind: 'channel'; readonly reason: string }
  /** Slack refuses this content in any channel. */
  | { readonly kind: 'payload'; readonly reason: string }
  /** This message can no longer be edited. */
  | { readonly kind: 'update-gone'; readonly reason: string }

// Slack's error codes by what helps against them (method reference of August 2026: chat.postMessage, chat.update).
const codes: Readonly<Record<Exclude<Verdict['kind'], 'delivered' | 'rate-limited'>, string>> = {
  token: `not_authed invalid_auth account_inactive token_revoked token_expired missing_scope not_allowed_token_type
    access_denied accesslimited app_access_restricted two_factor_setup_required enterprise_is_restricted`,
  channel: `channel_not_found not_in_channel is_archived restricted_action restricted_action_read_only_channel
    restricted_action_thread_only_channel restricted_action_non_threadable_channel restricted_action_thread_locked
    no_permission ekm_access_denied cannot_reply_to_message messages_tab_disabled team_not_found`,
  payload: `no_text msg_too_long msg_blocks_too_long invalid_blocks invalid_blocks_format invalid_attachments
    too_many_attachments attachment_payload_limit_exceeded invalid_metadata_format invalid_metadata_schema
    metadata_too_large metadata_must_be_sent_from_app markdown_text_conflict invalid_form_data invalid_charset
    invalid_arg_name invalid_arguments`,
  'update-gone': `message_not_found thread_not_found cant_update_message edit_window_closed is_inactive block_mismatch
    streaming_state_conflict`,
  unknown: 'fatal_error request_timeout internal_error',
  retry: `service_unavailable update_failed external_channel_migrating team_added_to_org org_login_required
    message_limit_exceeded`,
}

const kindOfCode = new Map(
  Object.entries(codes).flatMap(([kind, list]) =>
    list.split(/\s+/).map((code) => [code, kind as keyof typeof codes] as const),
  ),
)

// Slack cannot have seen the request when these are what came of it.
const neverSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ERR_PROXY_TUNNEL',
  // Our own.
  'no connection in time',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])

/** What a rate limit costs when Slack does not say for how long. */
const unsaidRetryAfterMs = 30_000

/** Judges the end of a call: whether it was carried out, and what helps if not. */
export function judge(end: CallEnd): Verdict {
  switch (end.kind) {
    case 'reply':
      return end.ok ? { kind: 'delivered' } : judgeCode(end.error ?? '')
    case 'http':
      return judgeStatus(end)
    default: {
      const reason = end.code ?? 'connection lost'
      return { kind: neverSent.has(reason) ? 'retry' : 'unknown', reason }
    }
  }
}

function judgeCode(code: string): Verdict {
  if (code === 'ratelimited' || code === 'rate_limited')
    return { kind: 'rate-limited', reason: code, retryAfterMs: unsaidRetryAfterMs }
  const kind = kindOfCode.get(code)
  if (kind !== undefined) return { kind, reason: code }
  // A code that is none: the body was something else, so nobody knows what became of the call.
  if (!/^[a-z][a-z0-9_]{2,60}$/.test(code))
    return { kind: 'unknown', reason: 'an answer that is not from Slack' }
  // A code nobody knew when this was written: a few other forms are tried, then the card is parked.
  return { kind: 'payload', reason: code }
}

function judgeStatus({ status, retryAfterSeconds }: Extract<CallEnd, { kind: 'http' }>): Verdict {
  if (status === 429) {
    const retryAfterMs = retryAfterSeconds === undefined ? unsaidRetryAfterMs : retryAfterSeconds * 1000
    return { kind: 'rate-limited', reason: 'HTTP 429', retryAfterMs }
  }
  const reason = `HTTP ${status}`
  // 4xx and 3xx come from a proxy in front: Slack itself answers 200.
  return status >= 500 || status < 300 ? { kind: 'unknown', reason } : { kind: 'retry', reason }
}
