import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nameOfColour, renderMessage, type ShownMessage } from './slack-printer.ts'
import { plainText } from './slack-text.ts'

const look = { colours: false, width: 80 }

function card(colour: string, text: string, ...lines: string[]): Omit<ShownMessage, 'ts' | 'versions'> {
  const blocks = lines.map((line) => ({ type: 'section', text: { type: 'mrkdwn', text: line } }))
  return { text, attachments: [{ color: colour, blocks }] }
}

function message(...versions: Omit<ShownMessage, 'ts' | 'versions'>[]): ShownMessage {
  return { ts: '1.000001', ...versions.at(-1), versions }
}

test('a card is one block: its channel, a symbol for its colour, and its lines without markup', () => {
  const live = message(card('#2eb886', '*checkout* 2.4.1 is live · shop', 'new image 2.4.0 → 2.4.1'))
  assert.equal(
    renderMessage('shop', live, 'posted', look),
    ['  #shop', '  ▌ ✓ checkout 2.4.1 is live · shop', '  ▌ new image 2.4.0 → 2.4.1', ''].join('\n'),
  )
})

test('a message with blocks of its own shows them alone: its text is for notifications', () => {
  const blocks = [
    {
      type: 'context',
      elements: [
        { type: 'mrkdwn', text: 'a' },
        { type: 'mrkdwn', text: 'b' },
      ],
    },
  ]
  assert.equal(
    renderMessage('shop', message({ text: 'fallback', blocks }), 'posted', look),
    '  #shop\n  ▌ · a · b\n',
  )
})

test('an edit that only counts pods is not printed again', () => {
  const progress = message(
    card('#439fe0', '*checkout* is rolling out', '1 of 3 pods updated'),
    card('#439fe0', '*checkout* is rolling out', '2 of 3 pods updated'),
  )
  assert.equal(renderMessage('shop', progress, 'edited', look), undefined)
})

test('an edit that changes what a card says is printed as a whole', () => {
  const failed = message(card('#439fe0', '*checkout* is rolling out'), card('#d00000', '*checkout* failed'))
  assert.match(renderMessage('shop', failed, 'edited', look) ?? '', /✗ checkout failed/)
})

test('a reply says that it is one, and leaves the details to its card', () => {
  const stuck = card('#d00000', '*checkout* is stuck', 'no new pod can be created')
  const reply: ShownMessage = { ...message(stuck), threadTs: '1.000000' }
  assert.equal(
    renderMessage('shop', reply, 'posted', look),
    '  #shop, in the thread\n  ▌ ✗ checkout is stuck\n',
  )
})

test('a long line is broken at a space before the end of the terminal', () => {
  const long = message(card('#d00000', 'checkout failed', 'word '.repeat(40).trim(), 'x'.repeat(200)))
  const lines = (renderMessage('shop', long, 'posted', look) ?? '').split('\n')
  assert.ok(lines.every((line) => line.length <= 80))
  assert.equal(lines.join(' ').match(/word/g)?.length, 40)
  assert.equal(lines.join('').match(/x/g)?.length, 200)
})

test('a card that begins with a symbol of its own gets no second one', () => {
  const live = message(card('#2eb886', '✓ *checkout* is live'))
  assert.match(renderMessage('shop', live, 'posted', look) ?? '', /▌ ✓ checkout is live/)
})

test('links, dates, mentions and entities are read as Slack shows them', () => {
  assert.equal(
    plainText(
      '<https://x.example/a|a1b2…c3d4> at <!date^1700000000^{time}|14:32 UTC> <@U1> a &lt;b&gt; &amp;lt;',
    ),
    'a1b2…c3d4 at 14:32 UTC @U1 a <b> &lt;',
  )
})

test('what a cluster puts into a text cannot steer the terminal', () => {
  const hostile = message({ text: 'checkout\u001B[2J\u0007 failed' })
  assert.match(renderMessage('shop', hostile, 'posted', look) ?? '', /▌ · checkout\[2J failed/)
})

test('a colour is told by its hue', () => {
  assert.deepEqual(
    ['#2eb886', '#36a64f', '#d00000', '#e01e5a', '#e69500', '#ecb22e', '#439fe0', '#9e9e9e', undefined].map(
      nameOfColour,
    ),
    ['green', 'green', 'red', 'red', 'amber', 'amber', 'blue', 'grey', 'grey'],
  )
})
