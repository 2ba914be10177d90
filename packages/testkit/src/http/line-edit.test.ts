import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { editLines } from './line-edit.ts'

const bytes = Buffer.from('{"é":1}\n\n{"b":2}\nno end')

test('lines are edited whole however the stream is cut into chunks, inside a character too', async () => {
  for (let at = 0; at <= bytes.length; at++) {
    const seen: [string, number][] = []
    const chunks = Readable.from([bytes.subarray(0, at), bytes.subarray(at)])
    const edited = editLines(chunks, (line, index) => {
      seen.push([line, index])
      return line.toUpperCase()
    })
    assert.equal(await text(edited), '{"É":1}\n\n{"B":2}\nno end')
    assert.deepEqual(seen, [
      ['{"é":1}\n', 0],
      ['\n', 1],
      ['{"b":2}\n', 2],
    ])
  }
})
