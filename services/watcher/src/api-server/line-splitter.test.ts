import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { LineSplitter, LineTooLong } from './line-splitter.ts'

const line = fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\n', '').toWellFormed())

test('lines come out whole, wherever the chunks were cut', () => {
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.integer({ min: 1, max: 9 })), (lines, cuts) => {
      const bytes = Buffer.from(lines.map((each) => `${each}\n`).join(''))
      const splitter = new LineSplitter()
      const got: string[] = []
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const length = cuts[turn % cuts.length] ?? bytes.length
        for (const each of splitter.push(bytes.subarray(at, at + length)))
          got.push(Buffer.from(each).toString())
        at += length
      }
      assert.deepEqual(
        got,
        lines.filter((each) => each !== ''),
      )
      assert.equal(splitter.unfinished, false)
    }),
  )
})

test('a carriage return and the separators of Unicode end no line', () => {
  const [only] = [...new LineSplitter().push(Buffer.from('a\rb\u2028c\u2029d\n'))]
  assert.equal(Buffer.from(only ?? []).toString(), 'a\rb\u2028c\u2029d')
})

test('a stream that ends inside a line is known by it', () => {
  const splitter = new LineSplitter()
  assert.deepEqual([...splitter.push(Buffer.from('half'))], [])
  assert.ok(splitter.unfinished)
})

test('a line without end is given up before it fills the memory', () => {
  const splitter = new LineSplitter(10)
  assert.throws(() => [...splitter.push(Buffer.from('x'.repeat(11)))], LineTooLong)
})
