import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Activity,
  type Ending,
  nextStep,
  ordinaryRules,
  type ReflectorState,
  startState,
} from './reflector-state.ts'

const step = (from: Partial<ReflectorState>, ending: Ending, random = 0.5) =>
  nextStep({ ...startState, resourceVersion: '7', ...from }, ending, ordinaryRules, random)
const status = (code: number, retryAfterMs?: number): Ending => ({
  kind: 'status',
  status: code,
  message: '',
  retryAfterMs,
})
const healthy = { watchedMs: 25_000 }

const table: readonly [what: string, from: Activity, ending: Ending, to: Activity][] = [
  ['a list is followed by a watch', 'pages', { kind: 'listed', resourceVersion: '9' }, 'watch'],
  [
    'a watch that the server closed is resumed',
    'watch',
    { kind: 'closed', listAgeMs: 1, ...healthy },
    'watch',
  ],
  ['a watch that fell silent is resumed', 'watch', { kind: 'silent', ...healthy }, 'watch'],
  ['a watch that was reset is resumed', 'watch', { kind: 'broken', error: 'reset', ...healthy }, 'watch'],
  ['a watch that expired is followed by a new list', 'watch', { kind: 'expired' }, 'stream'],
  ['a list without its end mark is made by pages', 'stream', { kind: 'unmarked', objects: 0 }, 'pages'],
  ['a list that an old server refuses is made by pages', 'stream', status(400), 'pages'],
  ['a list by stream that is forbidden is tried by pages', 'stream', status(403), 'pages'],
  ['where watching is forbidden the list is polled', 'watch', status(403), 'poll'],
  ['a list that is forbidden is tried again', 'pages', status(403), 'stream'],
  ['pages that expired are listed from the first again', 'pages', { kind: 'expired' }, 'pages'],
]

for (const [what, from, ending, to] of table) {
  test(what, () => assert.equal(step({ activity: from }, ending).state.activity, to))
}

test('the first failure after a healthy time is answered at once, the following with growing jitter up to 30 s', () => {
  const broken: Ending = { kind: 'broken', error: 'reset' }
  let { state, delayMs } = step({ activity: 'watch' }, { ...broken, ...healthy }, 1)
  assert.equal(delayMs, 0)
  const delays: number[] = []
  for (let failure = 0; failure < 8; failure++) {
    const next = nextStep(state, broken, ordinaryRules, 1)
    state = next.state
    delays.push(next.delayMs)
  }
  assert.deepEqual(delays, [800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000])
  assert.equal(nextStep(state, broken, ordinaryRules, 0).delayMs, 0)
})

test('a server that asks us to wait is waited for at least as long', () => {
  assert.equal(step({ activity: 'watch' }, status(429, 7_000)).delayMs, 7_000)
})

test('a Retry-After of a day is not believed', () => {
  assert.equal(step({ activity: 'watch' }, status(503, 86_400_000)).delayMs, 300_000)
})

test('rights that come back are followed by a watch', () => {
  assert.equal(step({ activity: 'poll', failures: 2 }, { kind: 'listed' }, 0.9).state.activity, 'watch')
  assert.equal(step({ activity: 'poll' }, { kind: 'listed' }, 0.9).state.activity, 'poll')
})

test('watches that end at once are opened once a second at most', () => {
  assert.equal(step({ activity: 'watch' }, { kind: 'closed', listAgeMs: 1, watchedMs: 10 }).delayMs, 990)
})

test('every ten minutes a list is compared, though nothing failed', () => {
  const { state } = step({ activity: 'watch' }, { kind: 'closed', listAgeMs: 600_000, ...healthy })
  assert.equal(state.activity, 'stream')
  assert.equal(state.cause, 'periodic')
})

test('a list after a gap is known as one', () => {
  assert.equal(step({ activity: 'watch' }, { kind: 'expired' }).state.cause, 'gap')
})

test('an old server is not asked for a stream again, one that cannot read its store is', () => {
  assert.equal(step({}, { kind: 'unmarked', objects: 3 }).state.streamless, true)
  assert.equal(step({}, { kind: 'unmarked', objects: 0 }).state.streamless, false)
})

test('a line that stays malformed ends in a new list', () => {
  const malformed: Ending = { kind: 'malformed', error: 'x' }
  assert.equal(step({ activity: 'watch', failures: 1 }, malformed).state.activity, 'watch')
  assert.equal(step({ activity: 'watch', failures: 2 }, malformed).state.activity, 'stream')
})

test('pages that are too large become smaller', () => {
  assert.equal(step({ activity: 'pages' }, { kind: 'too-large' }).state.pageSize, 50)
  assert.equal(step({ activity: 'pages', pageSize: 1 }, { kind: 'too-large' }).state.pageSize, 1)
})

test('a page that is too large by itself is waited with, as any failure', () => {
  const { state, delayMs } = step({ activity: 'pages', pageSize: 1, failures: 3 }, { kind: 'too-large' })
  assert.equal(state.activity, 'pages')
  assert.ok(delayMs > 0)
})

for (const kind of ['broken', 'malformed'] as const) {
  test(`a list by stream that is ${kind} again and again is made by pages`, () => {
    const ending: Ending = { kind, error: 'x' }
    assert.equal(step({ failures: 1 }, ending).state.activity, 'stream')
    assert.equal(step({ failures: 2 }, ending).state.activity, 'pages')
  })
}

test('what was handled last is where the next watch resumes', () => {
  assert.equal(step({}, { kind: 'silent', resourceVersion: '8' }).state.resourceVersion, '8')
  assert.equal(step({}, { kind: 'silent' }).state.resourceVersion, '7')
})
