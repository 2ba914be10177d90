import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { bold, code, escapeEntities, plainText, withColon } from './escape.ts'
import { escapedLength, fit } from './fit.ts'
import { hostileText } from './testdata/hostile-text.ts'

describe('text from a cluster', () => {
  it('pings nobody, links nowhere and formats nothing, whatever it holds', () => {
    fc.assert(
      fc.property(hostileText, fc.integer({ min: 4, max: 200 }), (data, room) => {
        const shown = plainText(data, room)
        assert.doesNotMatch(shown, /[<>`*~\p{Cc}\u202a-\u202e\u2066-\u2069\u200e\u200f]/u)
        assert.doesNotMatch(shown, /&(?!amp;|lt;|gt;)/)
        assert.ok(shown.length <= room)
        assert.ok(shown.isWellFormed())
      }),
      { numRuns: 2_000 },
    )
  })

  it('stays inside its code span', () => {
    fc.assert(
      fc.property(hostileText, fc.integer({ min: 4, max: 200 }), (data, room) => {
        const shown = code(data, room)
        assert.ok(shown === '' || /^`[^`<>\n]+`$/.test(shown))
        assert.ok(shown.length <= room)
      }),
    )
  })

  for (const [data, plain, inCode] of [
    ['a\nb\u202ec\u2066d', 'a bcd', '`a bcd`'],
    ['  a \t\r\n\u2028\u2029 b ', 'a b', '`a b`'],
    ['`a` *b* ~c~ _d_', "'a' ∗b∗ ∼c∼ ˍdˍ", "`'a' *b* ~c~ _d_`"],
    ['a_b 1_2 _ä_ö', 'a_b 1_2 ˍä_ö', '`a_b 1_2 _ä_ö`'],
    ['>a>b', '›a&gt;b', '`&gt;a&gt;b`'],
    [':smile: :+1: a:b :A:', '∶smile: ∶+1: a:b :A:', '`:smile: :+1: a:b :A:`'],
    ['12:30 http://x :a b:', '12:30 http://x :a b:', '`12:30 http://x :a b:`'],
    ['<!here> & <@U1|x>', '&lt;!here&gt; &amp; &lt;@U1|x&gt;', '`&lt;!here&gt; &amp; &lt;@U1|x&gt;`'],
    ['\ud800a\ufeff\u200e', '\ufffda', '`\ufffda`'],
    ['न\u200dम \u200c👩\u200d👦', 'न\u200dम \u200c👩\u200d👦', '`न\u200dम \u200c👩\u200d👦`'],
    [' \n\u202e ', '', ''],
    ['', '', ''],
    ['x'.repeat(261), `${'x'.repeat(259)}…`, `\`${'x'.repeat(257)}…\``],
    ['x'.repeat(258), 'x'.repeat(258), `\`${'x'.repeat(258)}\``],
  ] as const) {
    it(`${JSON.stringify(data.slice(0, 40))} is shown as ${plain.slice(0, 40) || 'nothing'}`, () => {
      assert.equal(plainText(data), plain)
      assert.equal(code(data), inCode)
      assert.equal(bold(plainText(data)), plain === '' ? '' : `*${plain}*`)
    })
  }

  for (const [escaped, shown] of [
    ['checkout:latest', 'checkout∶latest:'],
    ['checkout:1.2', 'checkout:1.2:'],
    ['a:b c', 'a:b c:'],
    ['a', 'a:'],
    ['', ':'],
    ['a:+1', 'a∶+1:'],
    ['a:B', 'a:B:'],
  ] as const) {
    it(`${escaped || 'nothing'} before a colon ends no emoji: ${shown}`, () => {
      assert.equal(withColon(escaped), shown)
    })
  }

  it('is escaped wherever a mark stands, and only once', () => {
    assert.equal(escapeEntities('&<>&<>'), '&amp;&lt;&gt;&amp;&lt;&gt;')
    assert.equal(escapeEntities('&amp;'), '&amp;amp;')
  })
})

describe('fit', () => {
  it('keeps what fits and cuts only between what people see as characters', () => {
    assert.equal(fit('👩‍👩‍👧‍👦👩‍👩‍👧‍👦', 12), '👩‍👩‍👧‍👦…')
    assert.equal(fit('e\u0301e\u0301e\u0301', 5), 'e\u0301e\u0301…')
    assert.equal(fit('whole', 5), 'whole')
  })

  it('counts what escaping adds', () => {
    fc.assert(
      fc.property(hostileText, fc.integer({ min: 1, max: 300 }), (text, room) => {
        assert.ok(escapedLength(fit(text, room)) <= room)
      }),
    )
  })

  it('looks at no more of a huge text than it keeps', () => {
    const huge = 'x'.repeat(40_000_000)
    const started = performance.now()
    assert.equal(fit(huge, 100).length, 100)
    assert.ok(performance.now() - started < 1_000)
  })
})
