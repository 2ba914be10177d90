import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { sameContainers, sameData } from './containers.ts'
import { settled } from './testdata/trace.ts'

describe('data', () => {
  for (const [one, other, same] of [
    [1, 1, true],
    [1, 2, false],
    [1, '1', false],
    [0, false, false],
    [null, null, true],
    [null, {}, false],
    [{}, null, false],
    [null, undefined, false],
    ['a', {}, false],
    [{}, 'a', false],
    ['', [], false],
    [{}, {}, true],
    [{}, [], false],
    [[], {}, false],
    [[], [], true],
    [[1, 2], [1, 2], true],
    [[1, 2], [2, 1], false],
    [[1], [1, 2], false],
    [[1, 2], [1], false],
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
    [{ a: 1 }, { a: 1, b: undefined }, true],
    [{ a: 1, b: undefined }, { a: 1 }, true],
    [{ a: 1 }, { a: 1, b: null }, false],
    [{ a: 1, b: null }, { a: 1 }, false],
    [{ a: 1 }, { b: 1 }, false],
    [{ a: { b: [1, { c: 2 }] } }, { a: { b: [1, { c: 2 }] } }, true],
    [{ a: { b: [1, { c: 2 }] } }, { a: { b: [1, { c: 3 }] } }, false],
  ] as const) {
    test(`${JSON.stringify(one) ?? 'nothing'} and ${JSON.stringify(other) ?? 'nothing'} are ${same ? 'the same' : 'not the same'}`, () => {
      assert.equal(sameData(one, other), same)
    })
  }

  test('is what it was after it was written and read', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        assert.ok(sameData(one, JSON.parse(JSON.stringify(one))))
        assert.equal(sameData(one, other), sameData(other, one))
      }),
    )
  })
})

describe('containers', () => {
  const [app] = settled.template.containers
  assert.ok(app)
  const side = { ...app, name: 'side' }

  for (const [what, one, other, same] of [
    ['the very same', [app, side], [app, side], true],
    ['read anew', [app, side], [{ ...app }, { ...side }], true],
    ['in another order', [app, side], [side, app], false],
    ['one less', [app, side], [app], false],
    ['one more', [app], [app, side], false],
    ['another image in the second', [app, side], [app, { ...side, image: 'b' }], false],
    ['another image in the first', [app, side], [{ ...app, image: 'b' }, side], false],
    ['none', [], [], true],
  ] as const) {
    test(`${what}: ${same ? 'the same' : 'not the same'}`, () => {
      assert.equal(sameContainers(one, other), same)
    })
  }
})
