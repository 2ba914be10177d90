import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseCall } from './arguments.ts'

function request(body: string, contentType?: string, authorization?: string) {
  return {
    method: 'POST',
    url: new URL('http://slack/api/chat.postMessage'),
    headers: { ...(contentType && { 'content-type': contentType }), ...(authorization && { authorization }) },
    body: Buffer.from(body),
  }
}

const form = 'application/x-www-form-urlencoded'

test('a form is read with its objects decoded from JSON and its token set apart', () => {
  const body = new URLSearchParams({
    token: 'xoxb-1',
    channel: 'shop',
    text: 'a & b',
    blocks: '[{"type":"divider"}]',
  })
  assert.deepEqual(parseCall(request(body.toString(), form)), {
    args: { channel: 'shop', text: 'a & b', blocks: [{ type: 'divider' }] },
    token: 'xoxb-1',
  })
})

test('the Authorization header comes before a token in the body', () => {
  assert.equal(parseCall(request('token=xoxb-1', form, 'Bearer xoxb-2')).token, 'xoxb-2')
})

test('JSON is read too, and what is neither is named as Slack names it', () => {
  assert.deepEqual(parseCall(request('{"text":"a"}', 'application/json; charset=utf-8')).args, { text: 'a' })
  assert.equal(parseCall(request('{', 'application/json')).refusal, 'invalid_json')
  assert.equal(parseCall(request('[]', 'application/json')).refusal, 'json_not_object')
  assert.equal(parseCall(request('text=a', 'text/plain')).refusal, 'invalid_post_type')
  assert.equal(parseCall(request('text=a')).refusal, 'missing_post_type')
})
