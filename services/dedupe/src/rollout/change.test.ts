import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Change, ContainerFacts, DeploymentObservation, Rollout } from '@hermod/contracts'
import { recognisedRollback, unknownChange } from './change.ts'
import { baseline, play, settled, trace } from './testdata/trace.ts'

const seconds = { initialDelaySeconds: 0, periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 1 }
const done = 'R2 U2 av2 P=NewReplicaSetAvailable'

/** The rollout that the last of these lines belongs to. */
function rolloutAfter(events: string, start = settled): Rollout | undefined {
  return play(trace(events, start), { from: baseline(start) }).tracked?.rollout
}

function changeAfter(events: string): Change | undefined {
  return rolloutAfter(events)?.change
}

/** The change from the usual container to this one. */
function changeTo(container: Partial<ContainerFacts>, aspects: Record<string, string>): Change | undefined {
  const { template } = settled
  const containers = template.containers.map((one) => ({ ...one, ...container }))
  const changed = { ...template, containers, digest: 'other', aspects: { ...template.aspects, ...aspects } }
  const seen: DeploymentObservation = { ...settled, generation: 2, template: changed }
  return play([seen], { from: baseline() }).tracked?.rollout.change
}

describe('the change of a rollout', () => {
  test('a new image is named with what it was', () => {
    const change = changeAfter('0 gen2 T=B')
    assert.deepEqual(change?.classes, ['new-image'])
    assert.deepEqual(change.images, [
      { container: 'app', from: 'registry.example/web:A', to: 'registry.example/web:B' },
    ])
  })

  test('an env value is config, and which one is not known', () => {
    const change = changeAfter('0 gen2 T=A!')
    assert.deepEqual(change?.classes, ['config'])
    assert.deepEqual(change.env, [{ container: 'app', added: [], removed: [], valuesChanged: true }])
  })

  test('an image and an env value at once are both named', () => {
    assert.deepEqual(changeAfter('0 gen2 T=B!')?.classes, ['new-image', 'config'])
  })

  test('env names that come and go are named', () => {
    const change = changeTo({ envNames: ['CACHE_SIZE'] }, { 'env/app': 'new' })
    assert.deepEqual(change?.env, [
      { container: 'app', added: ['CACHE_SIZE'], removed: ['MODE'], valuesChanged: false },
    ])
  })

  test('a limit is a resource', () => {
    const change = changeTo({ limits: { memory: '512Mi' } }, { 'resources/app': 'new' })
    assert.deepEqual(change?.classes, ['resources'])
    assert.deepEqual(change.resources, [
      { container: 'app', bound: 'limit', resource: 'memory', from: '256Mi', to: '512Mi' },
    ])
  })

  test('what has no field of its own is told by the name of its aspect', () => {
    const change = changeTo({}, { 'command/app': 'new', volumes: 'new' })
    assert.deepEqual(change?.classes, ['config'])
    assert.deepEqual(change.otherAspects, ['command/app', 'volumes'])
  })

  test('a restart alone changes nothing else', () => {
    assert.deepEqual(changeAfter('0 gen2 T=A+')?.classes, ['restart'])
  })

  test('several at once are all named, the image first', () => {
    const change = changeTo(
      { image: 'registry.example/web:B', limits: {} },
      { 'image/app': 'b', 'resources/app': 'new', restartedAt: 'now' },
    )
    assert.deepEqual(change?.classes, ['new-image', 'resources', 'restart'])
  })

  test('it is held against the last version that worked, not the one before', () => {
    const change = changeAfter(`
      0 gen2 T=B
      30 obs2 U0 rev2 R3 U1
      9000 gen3 T=C`)
    assert.equal(change?.images[0]?.from, 'registry.example/web:A')
  })

  test('back to the version that worked, it is held against the one that is left', () => {
    const rollout = rolloutAfter(`
      0 gen2 T=B
      30 obs2 rev2 R3 U1
      9000 gen3 T=A`)
    assert.deepEqual(rollout?.change.classes, ['new-image', 'rollback'])
    assert.equal(rollout.change.rollbackTo, '1')
    assert.equal(rollout.change.images[0]?.from, 'registry.example/web:B')
    assert.equal(rollout.lastGood, undefined, 'there is nothing else to go back to')
  })

  test('an older template is a rollback to the revision that it had then', () => {
    const change = changeAfter(`
      0 gen2 T=B
      30 obs2 rev2 ${done}
      1000 gen3 T=C
      1030 obs3 rev3 ${done}
      2000 gen4 T=B`)
    assert.deepEqual(change?.classes, ['new-image', 'rollback'])
    assert.equal(change.rollbackTo, '2')
  })

  test('a ReplicaSet older than the attempt before gives away a rollback to what was never seen', () => {
    const reused = { name: 'web-Z', uid: 'rs-Z', podTemplateHash: 'hash-Z' }
    const updates = trace(`
      0 gen2 T=B
      30 obs2 rev2 ${done}
      60000 gen3 T=Z
      60020 rev3`)
    const last = updates.at(-1)
    assert.ok(last)
    const newReplicaSet = { ...reused, creationTimestamp: '2026-11-02T00:00:00Z' }
    const { tracked } = play([...updates, { ...last, newReplicaSet }], { from: baseline() })
    assert.ok(tracked?.rollout.change.classes.includes('rollback'))
  })

  test('digests of another key are not held against these: containers in clear are', () => {
    assert.equal(rolloutAfter('0 gen2 key=k2')?.attempt, 1)
    assert.deepEqual(changeAfter('0 gen2 T=B key=k2')?.classes, ['new-image'])
  })

  test('under another key a probe that differs in clear is named', () => {
    const { template } = settled
    const probe = { kind: 'readiness', check: 'GET /ready:80', ...seconds } as const
    const containers = template.containers.map((one) => ({ ...one, probes: [probe] }))
    const changed = { ...template, keyId: 'k2', digest: 'other', containers }
    const { tracked } = play([{ ...settled, generation: 2, template: changed }], { from: baseline() })
    assert.deepEqual(tracked?.rollout.change.otherAspects, ['probes/app'])
  })

  test('under another key the hash of the new ReplicaSet decides', () => {
    const [start = settled] = trace('0 rs')
    assert.equal(rolloutAfter('0 gen2 T=A! key=k2', start)?.attempt, 1)
    const changed = rolloutAfter('0 gen2 T=A! key=k2\n15 rs', start)
    assert.equal(changed?.attempt, 2)
    assert.deepEqual(changed.change.classes, ['config'])
    assert.equal(rolloutAfter('0 gen2 key=k2\n15 rs', start)?.attempt, 1)
  })

  test('under another key the revision decides where no ReplicaSet is known', () => {
    const scaled = '0 gen2 obs2 s3 R3 U3 av3 key=k2 snapshot'
    const { said, tracked } = play(trace(`${scaled}\n9000 gen3 T=A!\n9030 obs3 U0 rev2`), {
      from: baseline(),
    })
    assert.equal(said, 'started', 'scaled, then changed')
    assert.deepEqual(tracked?.rollout.change.classes, ['config'])
    const missed = play(trace(`0 gen2 obs2 T=A! U0 rev2 R3 key=k2\n700 ${done}`), { from: baseline() })
    assert.equal(missed.said, 'started succeeded', 'changed while nobody looked')
    const notYet = '0 gen2 obs2 T=A! U0 key=k2'
    assert.equal(play(trace(notYet), { from: baseline() }).said, '', 'it may be either')
    assert.equal(play(trace(`${notYet}\n20 rev2`), { from: baseline() }).said, 'started')
  })

  test('the hash of a ReplicaSet that was learnt on the way decides as well', () => {
    assert.equal(rolloutAfter('0 rs\n10 gen2 T=A! key=k2 rs')?.attempt, 2)
    assert.equal(rolloutAfter('0 rs\n10 gen2 key=k2 rs')?.attempt, 1)
  })

  test('a rollback is recognised by that hash under another key', () => {
    const [start = settled] = trace('0 rs')
    const back = rolloutAfter(`0 gen2 T=B rs\n30 obs2 rev2 ${done}\n1000 gen3 T=A key=k2 rs`, start)
    assert.equal(back?.change.rollbackTo, '1')
    const other = rolloutAfter(`0 gen2 T=B rs\n30 obs2 rev2 ${done}\n1000 gen3 T=C key=k2 rs`, start)
    assert.equal(other?.change.rollbackTo, undefined)
  })

  test('a digest that changes within one generation is none of the user', () => {
    assert.equal(play(trace('0 key=k2\n10 T=A+'), { from: baseline() }).said, '')
    assert.equal(play(trace('0 T=A+\n10 gen2\n20 obs2'), { from: baseline() }).said, '')
  })

  test('success makes the version the one to go back to, with how long it took', () => {
    const rollout = rolloutAfter(`
      0 gen2 T=B
      30 obs2 rev2 U0
      72000 ${done}
      90000 gen3 T=C`)
    assert.equal(rollout?.lastGood?.revision, '2')
    assert.equal(rollout.lastGood.tookSeconds, 72)
    assert.equal(rollout.typicalSeconds, 72)
  })

  test('how long it had been failing is known when it succeeds, over several attempts', () => {
    const { tracked } = play(
      trace(`
        0 gen2 T=B obs2 U0 deadline=30
        60000 P=ProgressDeadlineExceeded
        90000 gen3 T=C obs3 P=ReplicaSetUpdated
        150000 P=ProgressDeadlineExceeded
        180000 gen4 obs4 T=A ${done}`),
      { from: baseline() },
    )
    assert.equal(tracked?.past.outageSeconds, 120)
    const next = play(trace(`200000 gen5 T=D U0\n260000 obs5 rev5 ${done}`), { from: tracked })
    assert.equal(next.tracked?.past.outageSeconds, undefined)
  })

  test('the revision of the template before is not taken for this one', () => {
    assert.equal(rolloutAfter('0 gen2 T=B')?.revision, undefined)
    assert.equal(rolloutAfter('0 gen2 T=B\n15 rev2')?.revision, '2')
  })

  test('what overtakes a rollout is named with its image', () => {
    const { steps } = play(trace('0 gen2 T=B\n400 gen3 T=C'), { from: baseline() })
    const superseded = steps[1]?.transitions[0]
    assert.equal(superseded?.kind, 'superseded')
    assert.equal(superseded.rollout.attempt, 2)
    assert.deepEqual(superseded.rollout.supersededBy, {
      attempt: 3,
      images: [{ container: 'app', from: 'registry.example/web:B', to: 'registry.example/web:C' }],
    })
  })
})

describe('a ReplicaSet that is taken up again', () => {
  const since = '2026-11-22T12:00:10.000Z'
  const madeAt = (creationTimestamp: string): DeploymentObservation => ({
    ...settled,
    newReplicaSet: { name: 'web-1', uid: 'r', podTemplateHash: '1', creationTimestamp },
  })

  for (const [what, seen, inherited, classes] of [
    [
      'is a rollback when it is older than the attempt before',
      madeAt('2026-11-22T12:00:08Z'),
      { since },
      ['rollback'],
    ],
    ['may be of the same second, for its time is cut', madeAt('2026-11-22T12:00:09Z'), { since }, []],
    ['is none when it is younger', madeAt('2026-11-22T12:00:12Z'), { since }, []],
    ['is not known yet', settled, { since }, []],
    ['has nothing to be older than', madeAt('2026-11-22T12:00:00Z'), {}, []],
  ] as const) {
    test(what, () => {
      assert.deepEqual(recognisedRollback(unknownChange, seen, inherited).classes, classes)
    })
  }

  test('is named once, after what else changed', () => {
    const seen = madeAt('2026-11-22T11:00:00Z')
    const image = recognisedRollback({ ...unknownChange, classes: ['new-image'] }, seen, { since })
    assert.deepEqual(image.classes, ['new-image', 'rollback'])
    assert.equal(recognisedRollback(image, seen, { since }), image)
  })
})

describe('containers of two templates', () => {
  const [app] = settled.template.containers
  const withContainers = (...containers: readonly ContainerFacts[]): DeploymentObservation => ({
    ...settled,
    template: { ...settled.template, containers: [...containers] },
  })
  const changed = (from: DeploymentObservation, to: DeploymentObservation): Change | undefined => {
    const seen = { ...to, generation: 2, template: { ...to.template, digest: 'other' } }
    return play([seen], { from: baseline(from) }).tracked?.rollout.change
  }

  test('that come and go are told with their image, env names and resources', () => {
    assert.ok(app)
    const side: ContainerFacts = { ...app, name: 'side', image: 'side:1', requests: { cpu: '1' }, limits: {} }
    const [one, two] = [withContainers(app), withContainers(app, side)]
    const come = changed(one, two)
    assert.deepEqual(come?.images, [{ container: 'side', from: undefined, to: 'side:1' }])
    assert.deepEqual(come.env, [{ container: 'side', added: ['MODE'], removed: [], valuesChanged: false }])
    const bound = { container: 'side', bound: 'request', resource: 'cpu' }
    assert.deepEqual(come.resources, [{ ...bound, from: undefined, to: '1' }])
    const gone = changed(two, one)
    assert.deepEqual(gone?.images, [{ container: 'side', from: 'side:1', to: undefined }])
    assert.deepEqual(gone.env, [{ container: 'side', added: [], removed: ['MODE'], valuesChanged: false }])
    assert.deepEqual(gone.resources, [{ ...bound, from: '1', to: undefined }])
  })

  test('whose digests cannot be compared are held against each other by what is said in clear', () => {
    assert.ok(app)
    const otherKey = (container: ContainerFacts): DeploymentObservation => {
      const seen = withContainers(container)
      return { ...seen, template: { ...seen.template, keyId: 'key2' } }
    }
    const probes = [{ kind: 'liveness' as const, check: 'tcp 1', ...seconds }]
    assert.deepEqual(changed(settled, otherKey({ ...app, probes }))?.otherAspects, ['probes/app'])
    const image = changed(settled, otherKey({ ...app, image: 'b' }))
    assert.deepEqual([image?.classes, image?.otherAspects], [['new-image'], []])
    const side = changed(settled, {
      ...otherKey(app),
      template: { ...otherKey(app).template, containers: [app, { ...app, name: 'side' }] },
    })
    assert.deepEqual(side?.otherAspects, [])
  })

  test('show no digest of an image, env, resource or restart as an aspect of its own', () => {
    const aspects = {
      'image/app': '1',
      'env/app': '2',
      'resources/app': '3',
      restartedAt: '4',
      imagePullPolicy: '5',
      'x/image/app': '6',
    }
    assert.deepEqual(changeTo({}, aspects)?.otherAspects, ['imagePullPolicy', 'x/image/app'])
  })
})
