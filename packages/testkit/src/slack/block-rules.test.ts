import assert from 'node:assert/strict'
import { test } from 'node:test'
import { blockProblems, renderedLength } from './block-rules.ts'

const mrkdwn = (length: number) => ({ type: 'mrkdwn', text: 'x'.repeat(length) })
const plain = (length: number) => ({ type: 'plain_text', text: 'x'.repeat(length) })
const times = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item)

const allowed = {
  'a section of 3,000 characters': { type: 'section', text: mrkdwn(3_000) },
  'a section of 10 fields of 2,000': { type: 'section', fields: times(10, mrkdwn(2_000)) },
  'a header of 150': { type: 'header', text: plain(150) },
  'a context of 10 elements': { type: 'context', elements: times(10, mrkdwn(1)) },
  'an image in a context': {
    type: 'context',
    elements: [{ type: 'image', image_url: 'https://example.com/i.png', alt_text: 'i' }],
  },
  'a button': {
    type: 'actions',
    elements: [{ type: 'button', text: plain(75), url: 'https://example.com' }],
  },
  'a divider': { type: 'divider' },
}

for (const [what, block] of Object.entries(allowed)) {
  test(`${what} is accepted`, () => assert.deepEqual(blockProblems([block], '/blocks'), []))
}

const refused: Record<string, [block: unknown, problem: string]> = {
  'a section of 3,001 characters': [
    { type: 'section', text: mrkdwn(3_001) },
    'must be less than 3001 characters [json-pointer:/blocks/0/text/text]',
  ],
  'an empty section': [
    { type: 'section', text: mrkdwn(0) },
    'must be more than 0 characters [json-pointer:/blocks/0/text/text]',
  ],
  'a section of nothing': [{ type: 'section' }, 'missing required field: text [json-pointer:/blocks/0]'],
  'an eleventh field': [
    { type: 'section', fields: times(11, mrkdwn(1)) },
    'no more than 10 items allowed [json-pointer:/blocks/0/fields]',
  ],
  'a field of 2,001': [
    { type: 'section', fields: [mrkdwn(2_001)] },
    'must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]',
  ],
  'a header of 151': [
    { type: 'header', text: plain(151) },
    'must be less than 151 characters [json-pointer:/blocks/0/text/text]',
  ],
  'a header in mrkdwn': [
    { type: 'header', text: mrkdwn(1) },
    'must be a valid enum value [json-pointer:/blocks/0/text/type]',
  ],
  'an eleventh context element': [
    { type: 'context', elements: times(11, mrkdwn(1)) },
    'no more than 10 items allowed [json-pointer:/blocks/0/elements]',
  ],
  'a context of nothing': [
    { type: 'context', elements: [] },
    'no fewer than 1 items allowed [json-pointer:/blocks/0/elements]',
  ],
  'a field that Slack does not know': [
    { type: 'section', text: { ...mrkdwn(1), emoji: true } },
    'invalid additional property: emoji [json-pointer:/blocks/0/text]',
  ],
  'a block that Slack does not know': [
    { type: 'constructor' },
    'unsupported type: constructor [json-pointer:/blocks/0/type]',
  ],
  'a block_id of 256': [
    { type: 'divider', block_id: 'x'.repeat(256) },
    'must be less than 256 characters [json-pointer:/blocks/0/block_id]',
  ],
}

for (const [what, [block, problem]] of Object.entries(refused)) {
  test(`${what} is refused`, () => assert.deepEqual(blockProblems([block], '/blocks'), [problem]))
}

test('a 51st block and a repeated block_id are refused', () => {
  assert.deepEqual(blockProblems(times(50, { type: 'divider' }), '/blocks'), [])
  assert.deepEqual(blockProblems(times(51, { type: 'divider' }), '/blocks'), [
    'no more than 50 items allowed [json-pointer:/blocks]',
  ])
  assert.deepEqual(blockProblems(times(2, { type: 'divider', block_id: 'a' }), '/blocks'), [
    'block_id must be unique [json-pointer:/blocks/1/block_id]',
  ])
})

test('the size of all blocks counts every text, and a header for 100 more', () => {
  const blocks = [
    { type: 'header', text: plain(10) },
    { type: 'section', text: mrkdwn(20), fields: [mrkdwn(3), mrkdwn(4)] },
    { type: 'context', elements: [mrkdwn(5)] },
  ]
  assert.equal(renderedLength(blocks), 142)
})
