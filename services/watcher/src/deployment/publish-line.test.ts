import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { emptyLine, type Held, hold, type Line, settled, takeTurn } from './publish-line.ts'

type Kind = Held<number>['kind']
const held = (observation: number, kind: Kind): Held<number> => ({ observation, kind })
const holdAll = (line: Line<number>, ...all: Held<number>[]): Line<number> =>
  all.reduce((before, each) => hold(before, each).line, line)

test('the first goes at once, and the next only when it was stored', () => {
  const turn = takeTurn(holdAll(emptyLine, held(1, 'changed')), 0)
  assert.ok(turn.kind === 'send')
  assert.equal(turn.observation, 1)
  const waiting = holdAll(turn.line, held(2, 'changed'))
  assert.equal(takeTurn(waiting, 1).kind, 'idle')
  assert.equal(takeTurn(settled(waiting), 1).kind, 'send')
})

test('mere progress goes at most every two seconds, and the newest wins', () => {
  const sent = takeTurn(holdAll(emptyLine, held(1, 'progress')), 10_000)
  assert.ok(sent.kind === 'send')
  const line = holdAll(settled(sent.line), held(2, 'progress'), held(3, 'progress'))
  assert.deepEqual(takeTurn(line, 10_001), { kind: 'wait', atMs: 12_000 })
  const last = takeTurn(line, 12_000)
  assert.ok(last.kind === 'send')
  assert.equal(last.observation, 3)
  assert.deepEqual(last.line.held, [])
})

test('a change does not wait behind progress: the progress is dropped', () => {
  const line = holdAll({ ...emptyLine, sentAtMs: 0 }, held(1, 'progress'), held(2, 'changed'))
  const turn = takeTurn(line, 1)
  assert.ok(turn.kind === 'send')
  assert.equal(turn.observation, 2)
  assert.deepEqual(turn.line.held, [])
})

test('progress that takes the place of a change goes as soon as that would have', () => {
  const inFlight = takeTurn(holdAll(emptyLine, held(1, 'changed')), 0)
  assert.ok(inFlight.kind === 'send')
  const line = holdAll(inFlight.line, held(2, 'changed'), held(3, 'progress'), held(4, 'progress'))
  const turn = takeTurn(settled(line), 1)
  assert.ok(turn.kind === 'send')
  assert.equal(turn.observation, 4)
})

test('beyond sixteen that must be told the oldest goes, and is counted', () => {
  const full = holdAll(emptyLine, ...Array.from({ length: 16 }, (_, index) => held(index, 'lasting')))
  const { line, dropped } = hold(full, held(16, 'lasting'))
  assert.equal(dropped, 1)
  assert.equal(line.held[0]?.observation, 1)
})

test('whatever is offered when: order is kept, what lasts is sent, and the last word is the last offered', () => {
  const step = fc.record({
    kind: fc.constantFrom<Kind | undefined>('lasting', 'changed', 'progress', undefined),
    waitMs: fc.nat(3_000),
    stores: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let line: Line<number> = emptyLine
      let nowMs = 0
      let number = 0
      const sent: number[] = []
      const lasting: number[] = []
      const advance = (): void => {
        const turn = takeTurn(line, nowMs)
        if (turn.kind !== 'send') return
        sent.push(turn.observation)
        line = turn.line
      }
      for (const { kind, waitMs, stores } of steps) {
        nowMs += waitMs
        if (kind !== undefined) {
          number++
          const { line: next, dropped } = hold(line, held(number, kind))
          line = next
          if (dropped > 0) lasting.shift()
          if (kind === 'lasting') lasting.push(number)
        }
        advance()
        if (stores) line = settled(line)
      }
      for (let round = 0; round < 20; round++) {
        nowMs += 2_000
        line = settled(line)
        advance()
      }
      assert.deepEqual(
        sent,
        [...sent].sort((a, b) => a - b),
      )
      assert.equal(sent.at(-1) ?? 0, number)
      assert.ok(lasting.every((each) => sent.includes(each)))
    }),
  )
})
