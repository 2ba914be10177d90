import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { DeploymentKey } from '@hermod/testkit'
import { eventually, noBudgets } from '@hermod/testkit'
import type { Finding } from '../oracle/judge.ts'
import { type Bed, startBed } from './bed.ts'
import { lagsOf } from './lags.ts'
import { peerEntrant } from './peer.ts'
import { startRun } from './stage.ts'
import { judgeRun, type Told, verdict } from './told.ts'

const stack = new AsyncDisposableStack()
let bed: Bed
let keys: readonly DeploymentKey[]

before(async () => {
  bed = stack.use(await startBed(2))
  keys = await bed.deployments(3)
})

after(() => stack.disposeAsync())

const program = join(import.meta.dirname, 'testdata', 'tiny-peer.ts')

/** What the oracle finds of a program beside ours, once `isEnough` of it is there. */
async function judgePeer(flaw: string, isEnough: (told: Told) => boolean) {
  const entrant = peerEntrant(`tiny=${process.execPath} ${program} ${flaw}`)
  await using run = await startRun(bed, entrant, { budgets: noBudgets })
  const kind = flaw === 'early' ? 'badimage' : 't'
  const rollouts = await Promise.all(keys.map((key) => bed.rollOut(key, kind)))
  if (flaw !== 'early') await bed.untilComplete(keys)
  const told = await eventually(
    () => {
      const found = judgeRun(run)
      assert.ok(isEnough(found), JSON.stringify(found.findings))
      return found
    },
    { everyMs: 200 },
  )
  return { told, rollouts }
}

function all(kind: Finding['kind']): (told: Told) => boolean {
  return ({ findings }) => findings.filter((each) => each.kind === kind).length === keys.length
}

test('a program beside ours that tells every rollout once is measured by the same oracle', async () => {
  const { told, rollouts } = await judgePeer(
    '',
    ({ findings, endLagsMs }) => findings.length === 0 && endLagsMs.length === keys.length,
  )
  assert.equal(verdict(told, keys.length).text, 'of 3: 0 / 0 / 0 / 0')
  const { startMs, endMs } = lagsOf(told, rollouts)
  assert.deepEqual([startMs.length, endMs.length], [3, 3])
  assert.ok(startMs.every((lag) => lag > 0))
})

test('one that never says how a rollout ended has lost it', async () => {
  const { told } = await judgePeer('silent', all('lost'))
  assert.deepEqual(verdict(told, keys.length).amounts, [1, 0, 0, 0])
})

test('one that says it twice has doubled it', async () => {
  const { told } = await judgePeer('twice', all('doubled'))
  assert.deepEqual(verdict(told, keys.length).amounts, [0, 1, 0, 0])
})

test('one that calls live what never will be is wrong', async () => {
  const { told } = await judgePeer('early', all('wrong'))
  assert.equal(verdict(told, keys.length).amounts?.[2], 1)
})

test('a program that ends at its start is named with its own words', async () => {
  await assert.rejects(startRun(bed, peerEntrant('broken=echo no such cluster; exit 3')), /no such cluster/)
  assert.throws(() => peerEntrant('just-a-name'), /--peer just-a-name: give a name and a start command/)
})
