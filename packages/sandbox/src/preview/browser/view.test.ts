import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ShownMessage } from '../preview-state.ts'
import { afterEvent, afterLook, type View, viewOf } from './view.ts'

const empty: View = viewOf({
  lastEventId: 0,
  hasSlack: true,
  channels: [],
  messages: [],
  buttons: [],
  rollouts: [],
  tally: undefined,
})

function message(ts: string, facts: Partial<ShownMessage> = {}): ShownMessage {
  return {
    channel: 'C1',
    ts,
    broadcast: false,
    author: 'bot',
    versions: 1,
    marked: false,
    deleted: false,
    ...facts,
  }
}

function after(...messages: readonly ShownMessage[]): View {
  return messages.reduce((view, each) => afterEvent(view, { kind: 'message', message: each }), empty)
}

test('an edit takes the place of what it edits and leaves the others as they are', () => {
  const [first, second] = [message('1'), message('2')]
  const view = after(first, second, message('1', { text: 'edited', versions: 2 }))
  const [edited, other] = view.messages.get('C1') ?? []
  assert.equal(edited?.text, 'edited')
  assert.equal(other, second)
})

test('a deleted message is gone', () => {
  assert.deepEqual(after(message('1'), message('1', { deleted: true })).messages.get('C1'), [])
})

test('unread is what people would be shown: posts and broadcasts, no edits, no quiet replies', () => {
  const view = after(
    message('1'),
    message('1', { versions: 2 }),
    message('2', { threadTs: '1' }),
    message('3', { threadTs: '1', broadcast: true }),
  )
  assert.equal(view.unread.get('C1'), 2)
  assert.equal(afterLook(view, 'C1').unread.get('C1'), undefined)
})
