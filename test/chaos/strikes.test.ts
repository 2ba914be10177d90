import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drawKills, drawTerminations } from './strikes.ts'

test('a seed fixes every strike, and in four kills each process is killed once', () => {
  assert.deepEqual(drawKills(7, 40), drawKills(7, 40))
  assert.notDeepEqual(drawKills(7, 40), drawKills(8, 40))
  const kills = drawKills(7, 40)
  for (let turn = 0; turn < kills.length; turn += 4) {
    const victims = kills.slice(turn, turn + 4).map(({ victim }) => victim)
    assert.deepEqual(victims.toSorted(), ['dedupe', 'nats-server', 'notifier', 'watcher'])
  }
})

test('SIGTERM hits the services alone, some while they start', () => {
  const terminations = drawTerminations(7, 60)
  assert.equal(terminations.length, 60)
  assert.ok(terminations.every(({ victim }) => victim !== 'nats-server'))
  const starting = terminations.filter((strike) => strike.kind === 'SIGTERM' && strike.when === 'starting')
  assert.ok(starting.length > 3 && starting.length < 30, `${starting.length} while starting`)
})
