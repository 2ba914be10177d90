import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { earlyVerdict, familyOf, ownDiagnosis } from './early-verdict.ts'
import { baseline, play, trace } from './testdata/trace.ts'

const underWay = `
  0 gen2 T=B
  30 obs2 U0 rev2 P=NewReplicaSetCreated
  40 R3 U1 P=ReplicaSetUpdated`

interface Row {
  readonly evidence: string
  readonly events: string
  readonly says: string
  readonly ends?: string
}

const rows: readonly Row[] = [
  { evidence: 'ImagePullBackOff is fatal at once', events: '900 !ImagePullBackOff', says: 'stalled' },
  { evidence: 'an invalid image name is fatal at once', events: '900 !InvalidImageName', says: 'stalled' },
  { evidence: 'one ErrImagePull may pass', events: '900 !ErrImagePull\n1900 again !-', says: '' },
  {
    evidence: 'a second ErrImagePull is fatal',
    events: '900 !ErrImagePull\n11000 again',
    says: 'stalled',
  },
  {
    evidence: 'ErrImagePull and ImagePullBackOff in turn say the same thing once',
    events: '900 !ImagePullBackOff\n15000 again !ErrImagePull\n30000 again !ImagePullBackOff',
    says: 'stalled',
  },
  { evidence: 'a config error is fatal at once', events: '900 !CreateContainerConfigError', says: 'stalled' },
  { evidence: 'one crash may pass', events: '900 !CrashLoopBackOff:1:1\n60000 again', says: '' },
  {
    evidence: 'the second crash is fatal',
    events: '900 !Error:1:1\n2000 !CrashLoopBackOff:1:2',
    says: 'stalled',
  },
  {
    evidence: 'Unschedulable may pass within a minute',
    events: '900 !Unschedulable\n60000 again\n60500 !-',
    says: '',
  },
  {
    evidence: 'Unschedulable for a minute is fatal',
    events: '900 !Unschedulable\n61000 again',
    says: 'stalled',
  },
  {
    evidence: 'Unschedulable with a break begins anew',
    events: '900 !Unschedulable\n30000 again !-\n45000 again !Unschedulable\n61000 again',
    says: '',
  },
  { evidence: 'a slow pull is no evidence, however slow', events: '300000 again\n550000 again', says: '' },
  {
    evidence: 'a failing probe is told with the failure, not before',
    events: '900 !Unhealthy\n90000 again',
    says: '',
  },
  {
    evidence: 'evidence that is missing revokes nothing',
    events: '900 !ImagePullBackOff\n15000 again !-\n30000 again',
    says: 'stalled',
    ends: 'stalled',
  },
  {
    evidence: 'further progress without the evidence revokes it',
    events: '900 !ImagePullBackOff\n15000 !- av3\n15010 R3 U2',
    says: 'stalled progressed',
    ends: 'progressing',
  },
  {
    evidence: 'another pod coming up revokes nothing while the evidence stands',
    events: '900 !ImagePullBackOff\n15000 av3',
    says: 'stalled progressed',
    ends: 'stalled',
  },
  {
    evidence: 'another kind of evidence is a word of its own',
    events: '900 !ImagePullBackOff\n15000 again !CrashLoopBackOff:1:3',
    says: 'stalled stalled',
  },
  {
    evidence:
      'two pods in trouble of two kinds are one word, whichever of them shows its evidence at the moment',
    events: `900 !ImagePullBackOff
      2000 again !ErrImagePull +CrashLoopBackOff:1:3
      3000 again !ImagePullBackOff +CrashLoopBackOff:1:3
      4000 again !ErrImagePull +CrashLoopBackOff:1:3`,
    says: 'stalled',
  },
  {
    evidence: 'a paused rollout is not judged',
    events: '800 gen3 obs3 paused P=DeploymentPaused\n900 !ImagePullBackOff',
    says: 'paused',
  },
]

describe('the early verdict', () => {
  for (const { evidence, events, says, ends } of rows) {
    test(evidence, () => {
      const { said, tracked } = play(trace(`${underWay}\n${events}`), { from: baseline() })
      if (ends) assert.equal(tracked?.rollout.phase, ends)
      assert.equal(said.replace(/^started ?/, '').replace(/^progressed ?/, ''), says)
    })
  }

  test('names the reason of Kubernetes, keeps the phase while evidence stands, and says when the deadline is', () => {
    const { tracked } = play(trace(`${underWay}\n900 !ImagePullBackOff\n15000 av3`), { from: baseline() })
    assert.equal(tracked?.rollout.phase, 'stalled')
    assert.equal(tracked.rollout.reason, 'ImagePullBackOff')
    assert.equal(tracked.rollout.times.stalledAt, '2026-11-22T12:00:00.900Z')
    assert.equal(tracked.rollout.times.deadlineAt, '2026-11-22T12:10:15.000Z')
  })

  test('a quota condition that an earlier attempt left behind is no evidence against this one', () => {
    const { said } = play(
      trace(`
        0 gen2 T=B
        30 obs2 U0 rev2 F=web-B
        9000 gen3 T=C s3
        9010 obs3 U0
        9020 again
        9030 F- rev3 P=NewReplicaSetCreated
        9900 R3 U3 av3`),
      { from: baseline() },
    )
    assert.equal(said, 'started stalled superseded started succeeded')
  })

  test('but it is if it stays while no pod comes: Kubernetes does not word it anew', () => {
    const stuck = `
      0 gen2 T=B
      30 obs2 U0 rev2 R0 av0 F=web-B
      9000 gen3 T=C rs
      9010 obs3 rev3
      19000 again`
    assert.equal(play(trace(stuck), { from: baseline() }).said, 'started stalled superseded started')
    const { said, tracked } = play(trace(`${stuck}\n24000 again`), { from: baseline() })
    assert.equal(said, 'started stalled superseded started stalled')
    assert.equal(tracked?.rollout.reason, 'FailedCreate')
    const lives = play(trace(`${stuck}\n20000 F- R2 U2\n20500 av2`), { from: baseline() })
    assert.equal(lives.said, 'started stalled superseded started progressed succeeded')
  })

  test('nor is it when the attempt is first seen already taken up', () => {
    const { said } = play(
      trace(`
        0 gen2 T=B
        30 obs2 U0 rev2 F=web-B
        9010 gen3 obs3 T=C s3
        9030 F- rev3 P=NewReplicaSetCreated`),
      { from: baseline() },
    )
    assert.equal(said, 'started stalled superseded started')
  })

  test('what explains a failure is told when it becomes known, once', () => {
    const failing = `${underWay}\n600040 P=ProgressDeadlineExceeded\n615000 again !Unhealthy\n630000 again`
    const { said, tracked } = play(trace(failing), { from: baseline() })
    assert.equal(said, 'started failed progressed')
    assert.equal(tracked?.rollout.diagnosis?.causes[0]?.reason, 'Unhealthy')
  })

  test('a bad phase keeps its last explanation, a good end keeps none', () => {
    const stalled = `${underWay}\n900 !ImagePullBackOff\n15000 again !-`
    const bad = play(trace(stalled), { from: baseline() })
    assert.equal(bad.tracked?.rollout.diagnosis?.causes[0]?.reason, 'ImagePullBackOff')
    const gone = play(trace(`${stalled}\n600040 P=ProgressDeadlineExceeded`), { from: baseline() })
    assert.equal(gone.tracked?.rollout.phase, 'failed')
    assert.equal(gone.tracked.rollout.diagnosis?.causes[0]?.reason, 'ImagePullBackOff')
    const end = play(trace(`${underWay}\n900 !ErrImagePull\n1500 R2 U2 av2`), { from: baseline() })
    assert.equal(end.tracked?.rollout.diagnosis, undefined)
    const passing = play(trace(`${underWay}\n900 !ErrImagePull\n1500 !-`), { from: baseline() })
    assert.equal(passing.tracked?.rollout.diagnosis, undefined)
  })
})

const ways: Readonly<Record<string, readonly string[]>> = {
  'image: at once': ['ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull'],
  'image: after 10 s': ['ErrImagePull', 'RegistryUnavailable', 'ImageInspectError'],
  'config: at once': ['CreateContainerConfigError'],
  'config: after 10 s': ['CreateContainerError', 'RunContainerError'],
  'crash: at the second restart': [
    'CrashLoopBackOff',
    'Error',
    'OOMKilled',
    'Completed',
    'StartError',
    'ContainerCannotRun',
    'DeadlineExceeded',
  ],
  'schedule: after 60 s': ['Unschedulable'],
}

describe('evidence of pods', () => {
  const watch = baseline()?.watch ?? assert.fail()
  const judged = (reason: string, restarts: number, sinceMs?: number, nowMs = 100_000) => {
    const causes = [{ reason, message: 'why', pods: 1, restarts }]
    const diagnosis = { causes, newPods: 1, oldPods: 0, oldPodsFailingAlike: 0 }
    const suspicion = sinceMs === undefined ? undefined : { reason, sinceMs }
    return earlyVerdict(diagnosis, {}, { ...watch, suspicion }, nowMs)
  }

  const wayOf = (reason: string): string => {
    const family = familyOf(reason)
    if (judged(reason, 0).verdict) return `${family}: at once`
    if (judged(reason, 2).verdict && !judged(reason, 1).verdict) return `${family}: at the second restart`
    const seconds = [1, 9, 10, 59, 60, 600].find((each) => judged(reason, 0, 100_000 - each * 1_000).verdict)
    return seconds === undefined ? `${family}: never` : `${family}: after ${seconds} s`
  }

  for (const [way, reasons] of Object.entries(ways)) {
    for (const reason of reasons) {
      test(`${reason} is ${way}`, () => {
        assert.equal(wayOf(reason), way)
      })
    }
  }

  test('is told in its own words', () => {
    const verdict = { family: 'image', reason: 'ImagePullBackOff', message: 'why' }
    assert.deepEqual(judged('ImagePullBackOff', 0), { verdict, suspicion: undefined })
  })

  test('that must stand is remembered from when it was seen first, and until another takes its place', () => {
    assert.deepEqual(judged('ErrImagePull', 0).suspicion, { reason: 'ErrImagePull', sinceMs: 100_000 })
    assert.deepEqual(judged('ErrImagePull', 0, 95_000).suspicion, { reason: 'ErrImagePull', sinceMs: 95_000 })
    const other = { ...watch, suspicion: { reason: 'Unschedulable', sinceMs: 1 } }
    const causes = [{ reason: 'ErrImagePull', message: 'why', pods: 1, restarts: 0 }]
    const diagnosis = { causes, newPods: 1, oldPods: 0, oldPodsFailingAlike: 0 }
    const judgement = earlyVerdict(diagnosis, {}, other, 100_000)
    assert.deepEqual(judgement, { suspicion: { reason: 'ErrImagePull', sinceMs: 100_000 } })
    assert.deepEqual(earlyVerdict(undefined, {}, other, 100_000), { suspicion: undefined })
  })
})

describe('evidence of conditions', () => {
  const watch = baseline()?.watch ?? assert.fail()
  const refusal = {
    type: 'ReplicaFailure',
    status: 'True',
    reason: 'FailedCreate',
    message: 'quota',
  } as const
  const stuck = {
    type: 'Progressing',
    status: 'False',
    reason: 'ReplicaSetCreateError',
    message: 'no',
  } as const
  const failedCreate = { family: 'create', reason: 'FailedCreate', message: 'quota' }

  for (const [what, testimony, verdict] of [
    ['no condition', {}, undefined],
    ['pods that are refused', { replicaFailure: refusal }, failedCreate],
    ['pods that were refused', { replicaFailure: { ...refusal, status: 'False' } }, undefined],
    [
      'a ReplicaSet that cannot be made',
      { progressing: stuck },
      { family: 'create', reason: stuck.reason, message: 'no' },
    ],
    ['a rollout that goes on', { progressing: { ...stuck, status: 'True' } }, undefined],
    ['both', { replicaFailure: refusal, progressing: stuck }, failedCreate],
    ["another's refusal, as yet", { lingering: refusal }, undefined],
    ["another's refusal that is over", { lingering: { ...refusal, status: 'False' } }, undefined],
  ] as const) {
    test(`${what}: ${verdict === undefined ? 'nothing' : verdict.reason}`, () => {
      assert.deepEqual(earlyVerdict(undefined, testimony, watch, 1_000).verdict, verdict)
    })
  }

  test("another's refusal counts once it has stood for 10 s", () => {
    const since = (sinceMs: number) => ({ ...watch, suspicion: { reason: 'FailedCreate', sinceMs } })
    assert.equal(earlyVerdict(undefined, { lingering: refusal }, since(1), 10_000).verdict, undefined)
    assert.deepEqual(earlyVerdict(undefined, { lingering: refusal }, since(0), 10_000).verdict, failedCreate)
    const gone = { ...refusal, status: 'False' } as const
    assert.deepEqual(earlyVerdict(undefined, { lingering: gone }, since(0), 10_000), { suspicion: undefined })
  })

  test('is told before that of pods', () => {
    const causes = [{ reason: 'ImagePullBackOff', message: 'x', pods: 1, restarts: 0 }]
    const diagnosis = { causes, newPods: 1, oldPods: 0, oldPodsFailingAlike: 0 }
    const verdict = earlyVerdict(diagnosis, { replicaFailure: refusal }, watch, 1_000).verdict
    assert.deepEqual(verdict, failedCreate)
  })

  test('makes a refusal of pods part of the diagnosis, which it is not without', () => {
    const [pull, quota] = ['ImagePullBackOff', 'FailedCreate'].map((reason) => ({
      reason,
      message: 'x',
      pods: 1,
      restarts: 0,
    }))
    assert.ok(pull && quota)
    const diagnosis = (causes: readonly (typeof pull)[]) => ({
      causes: [...causes],
      newPods: 1,
      oldPods: 0,
      oldPodsFailingAlike: 0,
    })
    const [both, pods, none] = [diagnosis([quota, pull]), diagnosis([pull]), diagnosis([quota])]
    assert.equal(ownDiagnosis(both, { replicaFailure: refusal }), both)
    assert.deepEqual(ownDiagnosis(both, {}), pods)
    assert.equal(ownDiagnosis(pods, {}), pods)
    assert.equal(ownDiagnosis(none, {}), undefined)
    assert.equal(ownDiagnosis(undefined, {}), undefined)
  })
})
