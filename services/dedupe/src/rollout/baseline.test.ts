import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { DeploymentObservation } from '@hermod/contracts'
import { advance } from './rollout-state-machine.ts'
import { beganMs, play, settled, trace } from './testdata/trace.ts'

const nowMs = beganMs
const failed = '0 av0 P=ProgressDeadlineExceeded'
const outage = '0 av0'
const inFlight = '0 gen2 obs2 T=B U1 R3 P=ReplicaSetUpdated'
const rollback = '0 gen3 obs3 T=B U0 P=NewReplicaSetAvailable/A'

interface Row {
  readonly sight: string
  readonly events: string
  readonly cached?: 'same' | 'different'
  readonly known?: boolean
  readonly says: string
  readonly ends: string
}

const rows: readonly Row[] = [
  { sight: 'unknown namespace, complete', events: '0', says: '', ends: 'complete' },
  { sight: 'unknown namespace, in flight', events: inFlight, says: 'started', ends: 'progressing' },
  { sight: 'unknown namespace, failed before we came', events: `${failed} rs`, says: '', ends: 'failed' },
  {
    sight: 'unknown namespace, an outage after it was complete',
    events: `${outage} rs`,
    says: '',
    ends: 'complete',
  },
  {
    sight: 'unknown namespace, not complete and its ReplicaSet not known yet',
    events: outage,
    says: '',
    ends: 'progressing',
  },
  {
    sight: 'unknown namespace, a rollback under way',
    events: `${rollback} rs`,
    says: 'started',
    ends: 'progressing',
  },
  {
    sight: 'unknown namespace, not taken up by the controller yet',
    events: '0 gen2 T=B rs',
    says: 'started',
    ends: 'progressing',
  },
  { sight: 'known namespace, complete', events: '0', known: true, says: 'succeeded', ends: 'complete' },
  {
    sight: 'known namespace, in flight',
    events: inFlight,
    known: true,
    says: 'started',
    ends: 'progressing',
  },
  {
    sight: 'known namespace, failed',
    events: `${failed} rs snapshot`,
    known: true,
    says: 'failed',
    ends: 'failed',
  },
  {
    sight: 'the cache has this template, complete',
    events: '0',
    known: true,
    cached: 'same',
    says: '',
    ends: 'complete',
  },
  { sight: 'the cache has this template, failed', events: failed, cached: 'same', says: '', ends: 'failed' },
  {
    sight: 'the cache has this template, not complete',
    events: inFlight,
    cached: 'same',
    says: '',
    ends: 'complete',
  },
  {
    sight: 'the cache has another template, complete',
    events: '0',
    cached: 'different',
    says: 'succeeded',
    ends: 'complete',
  },
  {
    sight: 'the cache has another template, failed',
    events: `${failed} snapshot wrote=-601000`,
    cached: 'different',
    says: 'failed',
    ends: 'failed',
  },
  {
    sight: 'the cache has another template, written so lately that the failure must be of the one before',
    events: `${failed} snapshot wrote=-1000`,
    cached: 'different',
    says: 'started',
    ends: 'progressing',
  },
  {
    sight: 'the cache has another template, in flight',
    events: inFlight,
    cached: 'different',
    says: 'started',
    ends: 'progressing',
  },
]

describe('at first sight of a Deployment', () => {
  for (const { sight, events, known = false, cached, says, ends } of rows) {
    test(`${sight}: ${says || 'silence'}`, () => {
      const [seen = settled] = trace(events)
      const step = advance(undefined, seen, { nowMs, namespaceKnown: known, cached })
      assert.equal(step.transitions.map(({ kind }) => kind).join(' '), says)
      assert.equal(step.tracked?.rollout.phase, ends)
    })
  }

  for (const events of ['0', `${failed} rs`, outage])
    test(`${events}, with an entry in the cache and no template to compare: nothing is taken for granted yet`, () => {
      const [seen = settled] = trace(events)
      const step = advance(undefined, seen, { nowMs, namespaceKnown: false, cached: 'incomparable' })
      assert.deepEqual(step, { tracked: undefined, transitions: [], outcome: 'premature' })
    })

  test('what is in flight is announced, whatever the cache may say of it', () => {
    const [seen = settled] = trace(inFlight)
    const step = advance(undefined, seen, { nowMs, namespaceKnown: false, cached: 'incomparable' })
    assert.equal(step.transitions[0]?.kind, 'started')
  })

  test('only what nobody ever heard of is called new', () => {
    const classesIf = (cached?: 'different'): unknown =>
      advance(undefined, settled, { nowMs, namespaceKnown: true, cached }).tracked?.rollout.change.classes
    assert.deepEqual(classesIf(), ['new-deployment'])
    assert.deepEqual(classesIf('different'), [])
  })

  test('an undecided one is announced once its ReplicaSet shows that it is under way', () => {
    const [first = settled, second = settled] = trace(`${rollback}\n500 rs`)
    const undecided = advance(undefined, first, { nowMs, namespaceKnown: false })
    assert.equal(undecided.outcome, 'undecided')
    const step = advance(undecided.tracked, second, { nowMs: nowMs + 500, namespaceKnown: true })
    assert.deepEqual(
      step.transitions.map(({ kind }) => kind),
      ['started'],
    )
    assert.deepEqual(step.transitions[0]?.rollout.change.classes, [])
  })

  test('another template of an undecided one is told with what it changes', () => {
    const { said, tracked } = play(trace(`${outage}\n9000 gen2 T=B rs`), { namespaceKnown: false })
    assert.equal(said, 'started')
    assert.deepEqual(tracked?.rollout.change.classes, ['new-image'])
  })

  test('a baseline is silent until its next template, then tells from which version it came', () => {
    const old = trace(`${outage} rs\n900000 av2 snapshot\n910000 again\n920000 gen2 T=B`)
    const kinds = sayAll(old)
    assert.deepEqual(kinds, ['started'])
  })

  test('what is found under way has its revision once the controller has looked', () => {
    const revisionOf = (events: string): unknown =>
      advance(undefined, trace(events)[0] ?? settled, { nowMs, namespaceKnown: false }).tracked?.rollout
        .revision
    assert.equal(revisionOf(inFlight), '1')
    assert.equal(revisionOf('0 gen2 T=B rs'), undefined)
  })

  test('a baseline once worked, unless it had failed, and so is the version to go back to', () => {
    const lastGoodAfter = (events: string): unknown => {
      const [first = settled, next = settled] = trace(`${events} rs\n9000 gen2 T=B`)
      const { tracked } = advance(undefined, first, { nowMs, namespaceKnown: false })
      return advance(tracked, next, { nowMs, namespaceKnown: true }).tracked?.rollout.lastGood?.revision
    }
    assert.equal(lastGoodAfter('0'), '1')
    assert.equal(lastGoodAfter(outage), '1')
    assert.equal(lastGoodAfter(failed), undefined)
  })

  test('a baseline that had failed recovers silently', () => {
    assert.deepEqual(sayAll(trace(`${failed} rs\n900000 av2 P=NewReplicaSetAvailable`)), [])
  })
})

function sayAll(observations: readonly DeploymentObservation[]): string[] {
  let tracked: Parameters<typeof advance>[0]
  return observations.flatMap((seen) => {
    const step = advance(tracked, seen, { nowMs: Date.parse(seen.observedAt), namespaceKnown: false })
    tracked = step.tracked
    return step.transitions.map(({ kind }) => kind)
  })
}
