// How long Slack takes to hear of a rollout that is alone, and of twenty a second; and where the time goes.
import { setTimeout as delay } from 'node:timers/promises'
import { noBudgets } from '@hermod/testkit'
import { atRate, type Rollout } from './bed.ts'
import type { Entrant } from './contender.ts'
import { type Figure, spread } from './figure.ts'
import { isHermod } from './hermod.ts'
import { type Lags, lagsOf } from './lags.ts'
import { measuredPeers } from './measured-peers.ts'
import { machineCpuSeconds, totalCost } from './process-cost.ts'
import { type OpenRun, type Stage, startRun } from './stage.ts'
import { readStageTimes } from './stage-times.ts'
import { statesOf, type Told, untilTold, verdict, wordAt } from './told.ts'

const warmUp = 10
const onTheirOwn = 60
const perSecond = 20
const crowd = 200

// What is measured is the pipeline, not what Slack allows.
const unlimited = { SLACK_EDITS_PER_MINUTE: '6000' }

export async function measureLatency(stage: Stage, entrant: Entrant): Promise<readonly Figure[]> {
  return [...(await oneAtATime(stage, entrant)), ...(await many(stage, entrant))]
}

async function oneAtATime(stage: Stage, entrant: Entrant): Promise<readonly Figure[]> {
  const bed = await stage.bed()
  const keys = await bed.deployments(Math.min(20, bed.namespaces.length), 2)
  await using run = await startRun(bed, entrant, { budgets: noBudgets }, unlimited)
  const rollouts: Rollout[] = []
  const load = meter(run)
  const count = warmUp + stage.size(onTheirOwn)
  for (let index = 0; index < count; index++) {
    const key = keys[index % keys.length]
    if (key === undefined) break
    const calls = run.slack.calls.length
    rollouts.push(await bed.rollOut(key))
    await bed.untilComplete([key])
    await untilBothAreSaid(run, calls)
  }
  const taken = load()
  const told = await untilTold(run)
  const measured = rollouts.slice(warmUp)
  const lags = lagsOf(told, measured)
  return [
    {
      what: 'one rollout at a time: API write → first post',
      cell: spread(lags.startMs),
      aim: { text: '20 / 40 ms', most: [20, 40] },
      peers: measuredPeers.firstPost,
    },
    {
      what: 'one at a time: rollout complete → success told',
      cell: spread(lags.endMs),
      aim: { text: '6 / 14 ms', most: [6, 14] },
      peers: measuredPeers.success,
    },
    ...(await hops(run, told, measured, 'one at a time')),
    {
      what: 'one at a time: the test bed alone, API write → event · → complete',
      cell: { text: `${spread(lags.eventMs).text} · ${spread(lags.rolloutMs).text}` },
    },
    { what: 'one at a time: how busy the machine is', cell: { text: taken } },
    faults(told, rollouts.length, 'one at a time'),
  ]
}

async function many(stage: Stage, entrant: Entrant): Promise<readonly Figure[]> {
  const bed = await stage.bed()
  const keys = await bed.deployments(stage.size(crowd))
  await using run = await startRun(bed, entrant, { budgets: noBudgets }, unlimited)
  const from = performance.now()
  const load = meter(run)
  const rollouts = await atRate(keys, perSecond, (key) => bed.rollOut(key))
  const started = (performance.now() - from) / 1_000
  await bed.untilComplete(keys)
  const took = (performance.now() - from) / 1_000
  const taken = load()
  const told = await untilTold(run)
  const lags = lagsOf(told, rollouts)
  return [
    { what: `${perSecond} rollouts/s: API write → first post`, cell: spread(lags.startMs) },
    { what: `${perSecond} rollouts/s: rollout complete → success told`, cell: spread(lags.endMs) },
    ...(await hops(run, told, rollouts, `${perSecond} rollouts/s`)),
    {
      what: `${perSecond} rollouts/s: the test bed alone, API write → answer · → event · → complete`,
      cell: { text: bedText(lags) },
    },
    {
      what: `${perSecond} rollouts/s: how busy the machine is`,
      cell: {
        text: `${rollouts.length} begun in ${started.toFixed(1)} s, complete after ${took.toFixed(1)} s; ${taken}`,
      },
    },
    faults(told, rollouts.length, `${perSecond} rollouts/s`),
  ]
}

function bedText({ writeMs, eventMs, rolloutMs }: Lags): string {
  return [writeMs, eventMs, rolloutMs].map((each) => spread(each).text).join(' · ')
}

function faults(told: Told, of: number, when: string): Figure {
  return {
    what: `${when}: lost / doubled / wrong / late`,
    cell: verdict(told, of),
    aim: { text: 'none', most: [0, 0, 0, 0] },
  }
}

/** The parts of ours, p50 / p95 each. */
async function hops(
  { contender }: OpenRun,
  told: Told,
  rollouts: readonly Rollout[],
  when: string,
): Promise<readonly Figure[]> {
  if (!isHermod(contender)) return []
  const times = await readStageTimes(contender)
  const lines = { start: [[], [], []], end: [[], [], []] } as Record<'start' | 'end', number[][]>
  const note = (line: 'start' | 'end', moments: readonly (number | undefined)[]): void => {
    for (const [at, moment] of moments.entries()) {
      const before = moments[at - 1]
      if (before !== undefined && moment !== undefined) lines[line][at - 1]?.push(moment - before)
    }
  }
  for (const rollout of rollouts) {
    const passed = times.get(rollout.tag)
    const states = statesOf(told, rollout)
    const { attempt } = told.attempts.find(({ attempt: { tag } }) => tag === rollout.tag) ?? {}
    note('start', [rollout.sentAt, passed?.startObserved, passed?.startDecided, states[0]?.atMs])
    note('end', [attempt?.completeMs, passed?.endObserved, passed?.endDecided, wordAt(states, ['live'])])
  }
  const text = (line: readonly (readonly number[])[]): string =>
    ['watcher', 'dedupe', 'notifier'].map((name, at) => `${name} ${spread(line[at] ?? []).text}`).join(', ')
  return [
    { what: `${when}: of the first post, API server and each hop`, cell: { text: text(lines.start) } },
    { what: `${when}: of the success, each hop`, cell: { text: text(lines.end) } },
  ]
}

const patienceMs = 1_000

/** Start and success; whoever does not say them is not waited for at length. */
async function untilBothAreSaid({ slack }: OpenRun, callsBefore: number): Promise<void> {
  for (let waitedMs = 0; waitedMs < patienceMs && slack.calls.length < callsBefore + 2; waitedMs += 10)
    await delay(10)
  await delay(100)
}

/** Cores that were taken from now until it is asked: who shares the machine is in every figure. */
function meter({ bed: { controlPlane }, contender }: OpenRun): () => string {
  const { etcd, apiServer, controllerManager } = controlPlane
  const read = (): readonly [number, number, number, number] => [
    performance.now() / 1_000,
    totalCost([etcd.pid, apiServer.pid, controllerManager.pid, process.pid]).cpuSeconds,
    totalCost([...contender.processes().values()].flat()).cpuSeconds,
    machineCpuSeconds(),
  ]
  const before = read()
  return () => {
    const [lasted, bed, ours, machine] = read().map((value, at) => value - (before[at] ?? 0)) as [
      number,
      number,
      number,
      number,
    ]
    const cores = (seconds: number): string => (Math.max(0, seconds) / lasted).toFixed(2)
    return `cores taken: the test bed ${cores(bed)}, the measured programs ${cores(ours)}, others ${cores(machine - bed - ours)}`
  }
}
