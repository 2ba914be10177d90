import assert from 'node:assert/strict'
import { test } from 'node:test'
import { splitLines } from './split-lines.ts'

test('lines are whole wherever the stream is cut, inside a character too', async () => {
  const bytes = new TextEncoder().encode('{"a":"ü€😀"}\n\n{"b":1}\n')
  for (let cut = 0; cut <= bytes.length; cut++) {
    async function* chunks(): AsyncGenerator<Uint8Array> {
      yield bytes.subarray(0, cut)
      yield bytes.subarray(cut)
    }
    const lines: string[] = []
    for await (const line of splitLines(chunks())) lines.push(line)
    assert.deepEqual(lines, ['{"a":"ü€😀"}', '{"b":1}'])
  }
})
