import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { type ChatPostMessageArguments, ErrorCode, type Logger, WebClient } from '@slack/web-api'
import { eventually } from './eventually.ts'
import { type FakeSlack, type FakeSlackOptions, startFakeSlack } from './fake-slack.ts'
import { httpFault } from './http/usual-faults.ts'
import { noBudgets } from './slack/budgets.ts'
import { slackFault } from './slack/faults.ts'

const metadata = { event_type: 'hermod_card', event_payload: { key: 'shop-42' } }

const nothing = () => {}
const silent = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  setLevel: nothing,
  setName: nothing,
}

function clientOf(slack: FakeSlack, { token = slack.token, timeout = 5_000 } = {}): WebClient {
  return new WebClient(token, {
    slackApiUrl: slack.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout,
    logger: silent as unknown as Logger,
  })
}

async function start(options: FakeSlackOptions = {}) {
  const slack = await startFakeSlack({ channels: ['shop', 'payments'], budgets: noBudgets, ...options })
  return { slack, client: clientOf(slack), [Symbol.asyncDispose]: () => slack[Symbol.asyncDispose]() }
}

function postWith(client: WebClient, message: ChatPostMessageArguments) {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- Slack's method, not a Window's
  return client.chat.postMessage(message)
}

/** The code of an `ok: false`. */
async function refusalOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => assert.fail('Slack accepted the call'),
    (failure: { data?: { error?: string } }) => failure,
  )
  return error.data?.error ?? assert.fail('Slack did not answer')
}

test('a message posted by channel name is edited by the id and ts of the reply', async () => {
  await using fixture = await start()
  const { slack, client } = fixture
  const posted = await postWith(client, { channel: '#shop', text: 'rolling out', metadata })
  assert.equal(posted.channel, slack.channel('shop').id)
  assert.match(posted.ts ?? '', /^\d+\.\d{6}$/)
  await client.chat.update({ channel: posted.channel ?? '', ts: posted.ts ?? '', text: 'live' })

  const [message] = slack.messages('shop')
  assert.equal(message?.text, 'live')
  assert.deepEqual(
    message?.versions.map(({ text }) => text),
    ['rolling out', 'live'],
  )
  assert.ok(message?.edited)
  assert.deepEqual(message?.metadata, metadata, 'an edit that names no metadata keeps it')
  assert.equal(
    await refusalOf(client.chat.update({ channel: 'shop', ts: posted.ts ?? '', text: 'x' })),
    'channel_not_found',
  )
  assert.equal(
    await refusalOf(client.chat.update({ channel: posted.channel ?? '', ts: '1.000000', text: 'x' })),
    'message_not_found',
  )
})

test('a text without blocks takes the blocks away, and an edit with blocks leaves no mark', async () => {
  await using fixture = await start()
  const { slack, client } = fixture
  const blocks = [{ type: 'divider' }]
  const { channel = '', ts = '' } = await postWith(client, { channel: 'shop', text: 'a', blocks })
  await client.chat.update({ channel, ts, text: 'b', blocks })
  assert.equal(slack.messages('shop')[0]?.blocks?.length, 1)
  assert.equal(slack.messages('shop')[0]?.edited, undefined)
  await client.chat.update({ channel, ts, text: 'c', metadata: {} as never })
  assert.equal(slack.messages('shop')[0]?.blocks, undefined)
  assert.equal(slack.messages('shop')[0]?.metadata, undefined, 'an empty object takes the metadata away')
})

test('history shows metadata only to those who ask for it, and only broadcast replies', async () => {
  await using fixture = await start()
  const { slack, client } = fixture
  const { channel = '', ts = '' } = await postWith(client, { channel: 'shop', text: 'card', metadata })
  await postWith(client, { channel, thread_ts: ts, text: 'quiet' })
  await postWith(client, { channel, thread_ts: ts, text: 'loud', reply_broadcast: true, metadata })

  const plain = await client.conversations.history({ channel })
  assert.deepEqual(
    plain.messages?.map(({ text, metadata: shown }) => [text, shown]),
    [
      ['loud', undefined],
      ['card', undefined],
    ],
  )
  const full = await client.conversations.history({
    channel,
    include_all_metadata: true,
    oldest: ts,
    inclusive: true,
  })
  assert.deepEqual(
    full.messages?.map(({ metadata: shown }) => shown),
    [metadata, metadata],
  )
  const thread = await client.conversations.replies({ channel, ts, include_all_metadata: true })
  assert.deepEqual(
    thread.messages?.map(({ text }) => text),
    ['card', 'quiet', 'loud'],
  )
  assert.equal(slack.messages('shop').filter(({ threadTs }) => threadTs === ts).length, 2)
})

test('history pages backward, and forward from an oldest without a latest', async () => {
  await using fixture = await start()
  const { client } = fixture
  const sent: string[] = []
  let channel = ''
  for (const text of ['1', '2', '3', '4', '5']) {
    const posted = await postWith(client, { channel: 'shop', text })
    sent.push(posted.ts ?? '')
    channel = posted.channel ?? ''
  }
  const textsOf = async (args: { oldest?: string; latest?: string }) => {
    const pages: string[] = []
    for await (const page of client.paginate('conversations.history', { channel, limit: 2, ...args })) {
      const { messages } = page as { messages?: { text?: string }[] }
      pages.push((messages ?? []).map(({ text }) => text).join(''))
    }
    return pages
  }
  assert.deepEqual(await textsOf({}), ['54', '32', '1'])
  assert.deepEqual(await textsOf({ oldest: sent[1] ?? '' }), ['43', '5'])
  assert.deepEqual(await textsOf({ oldest: sent[0] ?? '', latest: sent[4] ?? '' }), ['43', '2'])
  assert.equal(
    await refusalOf(client.conversations.history({ channel, oldest: 'soon' })),
    'invalid_ts_oldest',
  )
})

test('a new message is not in the history before its lag is over', async () => {
  let now = 1_700_000_000_000
  await using fixture = await start({ now: () => now })
  const { slack, client } = fixture
  slack.historyLagMs = 3_000
  const { channel = '' } = await postWith(client, { channel: 'shop', text: 'late to show' })
  assert.equal((await client.conversations.history({ channel })).messages?.length, 0)
  now += 3_000
  assert.equal((await client.conversations.history({ channel })).messages?.length, 1)
})

test('channels are listed page by page, private ones only to their members', async () => {
  await using fixture = await start({
    channels: [
      'a',
      'b',
      'c',
      { name: 'ours', isPrivate: true },
      { name: 'theirs', isPrivate: true, isMember: false },
    ],
  })
  const names: string[] = []
  const types = 'public_channel,private_channel'
  for await (const page of fixture.client.paginate('conversations.list', { types, limit: 3 })) {
    const { channels } = page as { channels?: { name?: string }[] }
    names.push((channels ?? []).map(({ name }) => name).join())
  }
  assert.deepEqual(names, ['a,b,c', 'ours'])
})

test('each state of a channel is refused with its own code', async () => {
  await using fixture = await start({
    scopes: ['chat:write', 'channels:history', 'groups:history', 'channels:read'],
    channels: [
      { name: 'outside', isMember: false },
      { name: 'hidden', isPrivate: true, isMember: false },
      { name: 'old', isArchived: true },
      { name: 'closed', refusesWith: 'restricted_action_read_only_channel' },
    ],
  })
  const { slack, client } = fixture
  const post = (channel: string) => refusalOf(postWith(client, { channel, text: 'x' }))
  assert.equal(await post('outside'), 'not_in_channel')
  assert.equal(await post('hidden'), 'channel_not_found')
  assert.equal(await post('nowhere'), 'channel_not_found')
  assert.equal(await post('old'), 'is_archived')
  assert.equal(await post('closed'), 'restricted_action_read_only_channel')
  const read = (channel: string) =>
    refusalOf(client.conversations.history({ channel: slack.channel(channel).id }))
  assert.equal(await read('outside'), 'not_in_channel')
  assert.equal(await read('hidden'), 'channel_not_found')
})

test('a token is refused by its own code, and a missing scope is named', async () => {
  await using fixture = await start({ scopes: ['channels:read'] })
  const { slack, client } = fixture
  await assert.rejects(postWith(client, { channel: 'shop', text: 'x' }), {
    data: {
      ok: false,
      error: 'missing_scope',
      needed: 'chat:write',
      provided: 'channels:read',
      response_metadata: { scopes: ['channels:read'], acceptedScopes: ['chat:write'] },
    },
  })
  assert.equal(await refusalOf(clientOf(slack, { token: 'xoxb-wrong' }).auth.test()), 'invalid_auth')
  const rotated = clientOf(slack, { token: slack.issueToken({ scopes: ['chat:write'] }) })
  assert.equal((await rotated.auth.test()).ok, true)
  slack.revokeToken('token_expired')
  assert.equal(await refusalOf(rotated.auth.test()), 'token_expired')
  assert.deepEqual(
    slack.calls.map(({ token }) => token),
    ['token-1', 'unknown', 'token-2', 'token-2'],
  )
  assert.ok(!JSON.stringify(slack.calls).includes(slack.token), 'no call shows a token')
})

test('sizes beyond Slack’s are refused as Slack refuses them, and a long post is cut', async () => {
  await using fixture = await start()
  const { slack, client } = fixture
  const { channel = '', ts = '' } = await postWith(client, {
    channel: 'shop',
    text: 'x'.repeat(41_000),
  })
  assert.equal(slack.messages('shop')[0]?.text?.length, 40_000)
  assert.equal(await refusalOf(client.chat.update({ channel, ts, text: 'x'.repeat(4_001) })), 'msg_too_long')
  assert.equal(await refusalOf(postWith(client, { channel, text: '' })), 'no_text')

  const section = (length: number) => ({
    type: 'section',
    text: { type: 'mrkdwn', text: 'x'.repeat(length) },
  })
  const post = (more: object) => postWith(client, { channel, text: 'x', ...more })
  await assert.rejects(post({ blocks: [section(3_001)] }), (error: { data: Record<string, unknown> }) => {
    assert.equal(error.data['error'], 'invalid_blocks')
    const { messages } = error.data['response_metadata'] as { messages: string[] }
    assert.deepEqual(messages, [
      '[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]',
    ])
    return true
  })
  assert.equal(await refusalOf(post({ blocks: 'no json' })), 'invalid_blocks_format')
  assert.equal(
    await refusalOf(post({ blocks: Array.from({ length: 5 }, () => section(2_700)) })),
    'msg_blocks_too_long',
  )
  assert.equal(await refusalOf(post({ attachments: [{ blocks: [section(3_001)] }] })), 'invalid_attachments')
  assert.equal(
    await refusalOf(post({ attachments: [{ blocks: [section(9)], text: 'x' }] })),
    'invalid_attachments',
  )
  assert.equal(
    await refusalOf(post({ attachments: Array.from({ length: 101 }, () => ({ text: 'x' })) })),
    'too_many_attachments',
  )
  const payload = (value: unknown) => ({ metadata: { event_type: 'card', event_payload: { value } } })
  assert.equal(
    await refusalOf(post({ metadata: { event_type: 'a b', event_payload: {} } })),
    'invalid_metadata_format',
  )
  assert.equal(await refusalOf(post(payload({ deep: { er: 1 } }))), 'invalid_metadata_schema')
  assert.equal(await refusalOf(post(payload('x'.repeat(5_000)))), 'metadata_too_large')
})

test('posts are budgeted for each channel, edits for the workspace', async () => {
  let now = 1_700_000_000_000
  await using fixture = await start({
    now: () => now,
    budgets: { posts: { perMinute: 60, burst: 2 }, edits: { perMinute: 50, burst: 1 } },
  })
  const { client } = fixture
  const post = (channel: string) => postWith(client, { channel, text: 'x' })
  const { channel = '', ts = '' } = await post('shop')
  await post('shop')
  await assert.rejects(post('shop'), { code: ErrorCode.RateLimitedError, retryAfter: 1 })
  const other = await post('payments')
  now += 1_000
  await post('shop')

  await client.chat.update({ channel, ts, text: 'y' })
  const edit = () => client.chat.update({ channel: other.channel ?? '', ts: other.ts ?? '', text: 'y' })
  await assert.rejects(edit, { code: ErrorCode.RateLimitedError, retryAfter: 2 })
  now += 1_200
  await edit()
})

test('a scripted fault hits the calls it is meant for, as often as it is meant to', async () => {
  await using fixture = await start()
  const { slack, client } = fixture
  const post = (channel: string) => postWith(client, { channel, text: 'x' })
  const fault = slack.inject(slackFault.rateLimited(7), {
    method: 'chat.postMessage',
    channel: 'shop',
    times: 1,
  })
  await post('payments')
  await assert.rejects(post('shop'), { code: ErrorCode.RateLimitedError, retryAfter: 7 })
  await post('shop')
  assert.equal(fault.hits, 1)

  {
    using _ = slack.inject(slackFault.error('internal_error'))
    assert.equal(await refusalOf(post('shop')), 'internal_error')
  }
  slack.inject(httpFault.serverError(503), { times: 1 })
  await assert.rejects(post('shop'), { code: ErrorCode.HTTPError, statusCode: 503 })
  slack.inject(httpFault.html(), { times: 1 })
  assert.match(await refusalOf(post('shop')), /Sign in/)
  slack.inject(slackFault.rateLimited(), { times: 1 })
  await assert.rejects(post('shop'), /valid timeout/)
  slack.inject(httpFault.redirect('https://login.example/'), { times: 1 })
  await assert.rejects(post('shop'), { code: ErrorCode.RequestError })
  assert.equal(slack.messages('shop').length, 1)
})

test('a reply that is lost leaves its message behind, found again by its metadata', async () => {
  await using fixture = await start()
  const { slack, client } = fixture
  slack.inject(httpFault.replyLost(), { times: 1 })
  await assert.rejects(postWith(client, { channel: 'shop', text: 'x', metadata }))
  slack.inject(httpFault.replyLost({ afterHeaders: true }), { times: 1 })
  await assert.rejects(postWith(client, { channel: 'shop', text: 'y', metadata }))
  assert.deepEqual(
    slack.calls.map(({ outcome, changed }) => [outcome, changed !== undefined]),
    [
      ['reply lost', true],
      ['reply lost', true],
    ],
  )
  const { id } = slack.channel('shop')
  const read = await client.conversations.history({ channel: id, include_all_metadata: true })
  assert.equal(read.messages?.filter((message) => message.metadata?.event_type === 'hermod_card').length, 2)
})

test('a hanging call ends with its sender, and a late one counts though its sender has gone', async () => {
  await using fixture = await start()
  const { slack } = fixture
  const hasty = clientOf(slack, { timeout: 50 })
  slack.inject({ kind: 'hang' }, { times: 1 })
  await assert.rejects(postWith(hasty, { channel: 'shop', text: 'never' }), {
    code: ErrorCode.RequestError,
  })
  await slack.waitForCall(({ outcome }) => outcome === 'hang')
  assert.equal(slack.messages('shop').length, 0)

  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  slack.inject({ kind: 'hold', until: released }, { times: 1 })
  await assert.rejects(postWith(hasty, { channel: 'shop', text: 'late' }), {
    code: ErrorCode.RequestError,
  })
  assert.equal(slack.messages('shop').length, 0)
  release()
  await eventually(() => assert.equal(slack.messages('shop')[0]?.text, 'late'))
})

test('disposing ends calls that hang', async () => {
  const { slack, client } = await start()
  slack.inject({ kind: 'hang' })
  const hanging = assert.rejects(client.auth.test())
  await slack.waitForCall(({ outcome }) => outcome === 'pending')
  await slack[Symbol.asyncDispose]()
  await hanging
})

test('writes to one channel that overlap are counted', async () => {
  await using fixture = await start()
  const { slack, client } = fixture
  const arrived = new EventTarget()
  slack.onCall(
    ({ id, outcome }) => id === 2 && outcome === 'pending' && arrived.dispatchEvent(new Event('second')),
  )
  slack.inject({ kind: 'hold', until: once(arrived, 'second') }, { times: 1 })
  await Promise.all([1, 2].map(() => postWith(client, { channel: 'shop', text: 'x' })))
  for (const text of ['one', 'after the other']) await postWith(client, { channel: 'payments', text })
  const { id } = slack.channel('shop')
  assert.deepEqual(
    [...slack.maxConcurrentPerChannel],
    [
      [id, 2],
      [slack.channel('payments').id, 1],
    ],
  )
})

test('messages of others can be read but neither edited nor deleted, and deleted ones are gone', async () => {
  await using fixture = await start()
  const { slack, client } = fixture
  const { channel, ts } = slack.post('shop', { text: 'hello' })
  assert.equal(await refusalOf(client.chat.update({ channel, ts, text: 'x' })), 'cant_update_message')
  assert.equal(await refusalOf(client.chat.delete({ channel, ts })), 'cant_delete_message')
  const own = await postWith(client, { channel, text: 'own' })
  slack.deleteMessage('shop', own.ts ?? '')
  assert.equal(
    await refusalOf(client.chat.update({ channel, ts: own.ts ?? '', text: 'x' })),
    'message_not_found',
  )
  const read = await client.conversations.history({ channel })
  assert.deepEqual(
    read.messages?.map(({ text }) => text),
    ['hello'],
  )
})

test('a dumped workspace goes on where it stopped', async () => {
  const { slack: before, client } = await start()
  await postWith(client, { channel: 'shop', text: 'x' })
  const restore = JSON.parse(JSON.stringify(before.dump()))
  await before[Symbol.asyncDispose]()
  await using after = await start({ channels: [], restore, now: () => 0 })
  const [first] = after.slack.messages('shop')
  const second = await postWith(after.client, { channel: 'shop', text: 'y' })
  assert.equal(first?.text, 'x')
  assert.ok((second.ts ?? '') > (first?.ts ?? ''))
})

test('a reply joins its parent’s thread, and lands in the channel where there is none', async () => {
  await using fixture = await start()
  const { slack, client } = fixture
  const { channel = '', ts = '' } = await postWith(client, { channel: 'shop', text: 'card' })
  const first = await postWith(client, { channel, thread_ts: ts, text: '1' })
  for (const text of ['2', '3']) await postWith(client, { channel, thread_ts: first.ts ?? '', text })
  await postWith(client, { channel, thread_ts: '1.000000', text: 'astray' })
  assert.deepEqual(
    slack.messages('shop').map(({ threadTs }) => threadTs),
    [undefined, ts, ts, ts, undefined],
  )
  const pages: string[][] = []
  for await (const page of client.paginate('conversations.replies', { channel, ts, limit: 3 })) {
    const { messages } = page as { messages?: { text?: string }[] }
    pages.push((messages ?? []).map(({ text }) => text ?? ''))
  }
  assert.deepEqual(pages, [
    ['card', '1', '2'],
    ['card', '3'],
  ])
  const link = await client.chat.getPermalink({ channel, message_ts: first.ts ?? '' })
  assert.match(link.permalink ?? '', /\/archives\/C\d+\/p\d+\?thread_ts=[\d.]+&cid=C\d+$/)
})

test('an edit is refused in an archived channel, past its window, and with a broadcast beside it', async () => {
  let now = 1_700_000_000_000
  await using fixture = await start({ now: () => now })
  const { slack, client } = fixture
  const { channel = '', ts = '' } = await postWith(client, { channel: 'shop', text: 'card' })
  const reply = await postWith(client, { channel, thread_ts: ts, text: 'reply' })
  const edit = (of: string, change: object) => client.chat.update({ channel, ts: of, text: 'x', ...change })
  const both = edit(reply.ts ?? '', { reply_broadcast: true })
  assert.equal(await refusalOf(both), 'no_dual_broadcast_content_update')
  const parent = edit(ts, { text: undefined, reply_broadcast: true })
  assert.equal(await refusalOf(parent), 'cant_broadcast_message')
  await edit(reply.ts ?? '', { text: undefined, reply_broadcast: true })
  assert.equal(slack.messages('shop')[1]?.broadcast, true)

  slack.editWindowMs = 60_000
  now += 60_001
  assert.equal(await refusalOf(edit(ts, {})), 'edit_window_closed')
  slack.channel('shop').isArchived = true
  assert.equal(await refusalOf(edit(ts, {})), 'is_inactive')
})

test('a public channel can be looked up by its id and joined, a private one cannot', async () => {
  await using fixture = await start({
    scopes: ['channels:read', 'channels:join'],
    channels: [
      { name: 'open', isMember: false },
      { name: 'theirs', isPrivate: true, isMember: false },
    ],
  })
  const { slack, client } = fixture
  const [open, theirs] = [slack.channel('open').id, slack.channel('theirs').id]
  await client.conversations.join({ channel: open })
  assert.equal((await client.conversations.info({ channel: open })).channel?.is_member, true)
  assert.equal(await refusalOf(client.conversations.info({ channel: 'open' })), 'channel_not_found')
  assert.equal(await refusalOf(client.conversations.info({ channel: theirs })), 'channel_not_found')
  const join = client.conversations.join({ channel: theirs })
  assert.equal(await refusalOf(join), 'method_not_supported_for_channel_type')
  const listing = client.conversations.list({ types: 'public_channel,private_channel' })
  assert.equal(await refusalOf(listing), 'missing_scope')
})
