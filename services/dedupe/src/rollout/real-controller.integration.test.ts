import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  createNamespace,
  eventually,
  recordDeployments,
  startControlPlane,
  startKubelet,
} from '@hermod/testkit'
import { namespacesOf, perform, planByImage, plays, wordsOf } from '../testdata/plays/perform.ts'
import { observationsOf } from './testdata/recorded.ts'
import { play } from './testdata/trace.ts'

const live = Object.fromEntries(Object.entries(plays).filter(([, { timed }]) => timed === undefined))

test('what the real controller does is told in the right words', async (t) => {
  await using plane = await startControlPlane()
  await using _kubelet = await startKubelet(plane, { plan: planByImage })
  await using record = await recordDeployments(plane)
  await Promise.all(namespacesOf(live).map((namespace) => createNamespace(plane.api, namespace)))
  const performed = await Promise.all(
    Object.entries(live).map(
      async ([what, one], index) =>
        [what, one, await perform(plane.api, record, `web-${index}`, one)] as const,
    ),
  )
  for (const [what, { says, againAfterMs }, events] of performed) {
    await t.test(what, async () => {
      await eventually(
        () => {
          const { said } = play(observationsOf(events(), againAfterMs))
          assert.equal(wordsOf(said), says)
        },
        { timeoutMs: 30_000 },
      )
    })
  }
})
