import fc from 'fast-check'

const pieces = [
  '<!channel>',
  '<!here>',
  '<@U1>',
  '<#C1|general>',
  '<!subteam^S1>',
  '<https://evil.example|https://good.example>',
  '<!date^1^{time}|x>',
  'https://evil.example',
  '`',
  '```',
  '*',
  '_',
  '~',
  '&',
  '&lt;',
  '<',
  '>',
  '|',
  '\n',
  '\r\n',
  '\t',
  '\u0000',
  '\u001b[31m',
  '\u202e',
  '\u2066',
  '\u200f',
  '\u2028',
  '\u200d',
  '\ud83d',
  '\udc69',
  '👩‍👩‍👧‍👦',
  'e\u0301',
  '@channel',
  '#general',
  ':tada:',
  'x'.repeat(300),
  ' ',
  'not found',
  'constructor',
  '__proto__',
]

/** Whatever somebody could put into a name, a message or an annotation to break or abuse a card. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary', maxLength: 20 })), { maxLength: 30 })
  .map((parts) => parts.join(''))
