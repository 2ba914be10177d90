// Owns a run of kill rounds: the Deployments, the pipeline, the rounds, and the count at the end.
import assert from 'node:assert/strict'
import { eventually, noBudgets } from '@hermod/testkit'
import { type Tally, tally } from './final-states.ts'
import { chancesOf, playRound, rolloutsOf } from './kill-round.ts'
import { startCluster, startPipeline } from './pipeline.ts'

// Slack takes one post a second in a channel, and rounds make more: so there are several, each with its namespace.
const namespaces = Array.from({ length: 8 }, (_, index) => `kills-${index}`)
const silenceMs = 45_000

export interface KillRun {
  readonly rounds: number
  readonly seed: number
  readonly bundles?: string
  readonly tell: (line: string) => void
}

/** Plays the rounds and waits until each rollout's end is told; a rollout that stays untold is in the tally. */
export async function playRounds({
  rounds,
  seed,
  bundles,
  tell,
}: KillRun): Promise<Tally & { readonly rollouts: number }> {
  await using cluster = await startCluster()
  const all = Array.from({ length: rounds }, (_, round) =>
    rolloutsOf(namespaces[round % namespaces.length] ?? '', round),
  )
  for (const namespace of namespaces) await cluster.operator.createNamespace(namespace, namespace)
  for (const { namespace, name } of all.flat())
    await cluster.operator.create({ namespace, name, progressDeadlineSeconds: 3 })
  for (const { namespace, name } of all.flat())
    await eventually(() => cluster.operator.checkComplete(namespace, name), { timeoutMs: 60_000 })

  // The rates are not what is tested here, and would only make the run long.
  await using pipeline = await startPipeline({
    cluster,
    ...(bundles !== undefined && { bundles }),
    slack: { channels: namespaces, budgets: noBudgets },
    settings: { notifier: { SLACK_EDITS_PER_MINUTE: '600', SLACK_READBACK_WAIT: '500ms' } },
  })
  for (const [round, rollouts] of all.entries()) {
    const chances = chancesOf(seed, round)
    const { victim, killAfterMs, restartAfterMs } = chances
    tell(`round ${round + 1}: ${victim} killed after ${killAfterMs} ms, back after ${restartAfterMs} ms`)
    await playRound(rollouts, chances, { cluster, pipeline })
  }
  const count = (): Tally =>
    tally(
      all.flat(),
      namespaces.flatMap((channel) => pipeline.cards(channel)),
    )
  await untilToldOrSilent(count)
  return { ...count(), rollouts: all.flat().length }
}

/** Resolves when nothing is missing, or when nothing more has been told for a while. */
async function untilToldOrSilent(count: () => Tally): Promise<void> {
  for (let left = count().missing.length; left > 0; ) {
    const more = eventually(() => assert.ok(count().missing.length < left), {
      timeoutMs: silenceMs,
      everyMs: 100,
    })
    if (
      await more.then(
        () => false,
        () => true,
      )
    )
      return
    left = count().missing.length
  }
}
