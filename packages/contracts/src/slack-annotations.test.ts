import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  alertByUse,
  channelsByUse,
  mentionsByUse,
  readAlert,
  readChannel,
  readChannels,
  readMentions,
} from './slack-annotations.ts'

for (const [text, channel] of [
  ['deploys', 'deploys'],
  ['#Deploys', 'deploys'],
  ['größe_1', 'größe_1'],
  ['C0123456789', 'C0123456789'],
  ['#G0123456789', 'G0123456789'],
  ['C0123456', 'c0123456'],
  [`C${'0'.repeat(20)}`, `C${'0'.repeat(20)}`],
  [`C${'0'.repeat(21)}`, `c${'0'.repeat(21)}`],
  [`U${'0'.repeat(21)}`, `u${'0'.repeat(21)}`],
  ['U0123456', 'u0123456'],
] as const) {
  test(`${text} is the channel ${channel}`, () =>
    assert.deepEqual(readChannel(text), { kind: 'channel', channel }))
}

for (const [text, problem] of [
  ['U0123456789', 'is a person, not a channel'],
  ['W0123456789', 'is a person, not a channel'],
  ['#D0123456789', 'is a person, not a channel'],
  ['<!channel>', 'is no name or id of a channel'],
  ['##deploys', 'is no name or id of a channel'],
  ['#', 'is no name or id of a channel'],
  ['\ud800', 'is no name or id of a channel'],
  ['x'.repeat(81), 'is no name or id of a channel'],
] as const) {
  test(`${JSON.stringify(text.slice(0, 20))} ${problem}`, () =>
    assert.deepEqual(readChannel(text), {
      kind: 'refused',
      channel: text.replace('#', '').toWellFormed(),
      problem,
    }))
}

test('a list is divided by commas and blanks, as many as stand there', () => {
  const named = ['a', 'b', 'c', 'd']
  const channels = readChannels(' a,b c ,\n\t d,,')
  assert.deepEqual(
    channels.map(({ channel }) => channel),
    named,
  )
  assert.deepEqual(readMentions(' U01,W02 S03 ,\n\t U04,,'), ['U01', 'W02', 'S03', 'U04'])
})

test('those whom a mention names are each named once, by ids of 3 to 21 characters', () => {
  const longest = `S${'0'.repeat(20)}`
  assert.deepEqual(readMentions(`U01 U01 ${longest} U0 ${longest}0 C01 u01 @here`), ['U01', longest])
})

test('of a list ten count: of channels the first ten words, of mentions the first ten people', () => {
  const letters = 'A B C D E F G H I J K'.split(' ')
  assert.equal(readChannels(`a ${letters.join(' ')}`).at(-1)?.channel, 'i')
  const ids = letters.map((letter) => `U0${letter}`)
  assert.deepEqual(readMentions(`@here U0A ${ids.join(' ')}`), ids.slice(0, 10))
})

test('an alert level is written exactly so', () => {
  assert.deepEqual(['failure', 'all', 'Failure', ' failure', ''].map(readAlert), [
    'failure',
    'all',
    undefined,
    undefined,
    undefined,
  ])
})

for (const [divide, text, used, unused] of [
  [channelsByUse, 'deploys #ops C0123456789', ['deploys', '#ops', 'C0123456789'], []],
  [channelsByUse, 'deploys, U0123456789, <!here>', ['deploys'], ['U0123456789', '<!here>']],
  [channelsByUse, 'a b c d e f g h i j k #A', 'a b c d e f g h i j #A'.split(' '), ['k']],
  [channelsByUse, '', [], []],
  [mentionsByUse, 'U01 @here U01', ['U01', 'U01'], ['@here']],
  [mentionsByUse, `U${'0'.repeat(21)}`, [], [`U${'0'.repeat(21)}`]],
  [mentionsByUse, ' , ', [], []],
  [alertByUse, 'failure', ['failure'], []],
  [alertByUse, 'not failure', [], ['not failure']],
  [alertByUse, '', [], ['']],
] as const) {
  test(`${divide.name}: of "${text}" is used ${JSON.stringify(used)}`, () =>
    assert.deepEqual(divide(text), { used, unused }))
}

const word = fc.oneof(
  fc.constantFrom('deploys', '#Ops', 'C0123456789', 'U0123456789', 'S0123456789', '@here', '<!here>'),
  fc.string({ maxLength: 24 }),
)
const annotation = fc
  .array(fc.tuple(word, fc.constantFrom(',', ' ', ', ', '\n')), { maxLength: 15 })
  .map((pairs) => pairs.flat().join(''))

test('whatever is written, what is used is what is read, and nothing of it is also unused', () => {
  fc.assert(
    fc.property(annotation, (text) => {
      const channels = channelsByUse(text)
      const read = readChannels(text).filter(({ kind }) => kind === 'channel')
      assert.deepEqual(namesOf(channels.used), new Set(read.map(({ channel }) => channel)))
      assert.ok(namesOf(channels.unused).isDisjointFrom(namesOf(channels.used)))
      const mentions = mentionsByUse(text)
      assert.deepEqual(new Set(mentions.used), new Set(readMentions(text)))
      assert.ok(new Set(mentions.unused).isDisjointFrom(new Set(mentions.used)))
    }),
  )
})

function namesOf(words: readonly string[]): Set<string> {
  return new Set(words.map((each) => readChannel(each).channel))
}
