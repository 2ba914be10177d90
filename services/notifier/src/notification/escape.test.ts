import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { code, plainText } from './escape.ts'
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

  it('is one line without the marks that turn its direction', () => {
    assert.equal(plainText('a\nb\u202ec\u2066d'), 'a bcd')
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
