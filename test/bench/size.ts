// What the processes take while nothing happens, by the number of Deployments.
import { setTimeout as delay } from 'node:timers/promises'
import { eventually, startFakeSlack } from '@hermod/testkit'
import type { ServiceProcess } from '../pipeline/service-process.ts'
import type { Contender, Entrant } from './contender.ts'
import { type Figure, type Passed, rateOf, seconds } from './figure.ts'
import { isHermod } from './hermod.ts'
import { type IdleCluster, startIdleCluster } from './idle-cluster.ts'
import { measuredPeers } from './measured-peers.ts'
import { type Cost, totalCost } from './process-cost.ts'
import type { Stage } from './stage.ts'

const sizes = [1_000, 5_000, 10_000]
const idleSeconds = { full: 40, small: 10 }
// The fifth: it makes the streams, and mends them.
const besideTheFour = 'provision'

const field: Readonly<Record<number, { readonly ready: Figure['peers']; readonly memory: Figure['peers'] }>> =
  {
    1000: { ready: measuredPeers.ready1000, memory: measuredPeers.memory1000 },
    5000: { ready: measuredPeers.ready5000, memory: measuredPeers.memory5000 },
  }

export async function measureSize(stage: Stage, entrant: Entrant): Promise<readonly Figure[]> {
  await stage.leaveCluster()
  const largestFirst = sizes.map((each) => stage.size(each)).toReversed()
  await using cluster = await startIdleCluster(Math.max(...largestFirst))
  const taken: Taken[] = []
  for (const size of largestFirst) {
    await cluster.shrinkTo(size)
    taken.unshift(await measureAt(size, cluster, entrant, stage.small ? idleSeconds.small : idleSeconds.full))
  }
  return [...taken.flatMap(figuresOf), ...growth(taken)]
}

interface Taken {
  readonly deployments: number
  readonly readyMs: number
  readonly atRestMs: number
  readonly startCpuSeconds: number
  /** Observations of a watcher that starts, in so much time. */
  readonly snapshot?: Passed
  /** At rest, by process. */
  readonly processes: ReadonlyMap<string, AtRest>
}

interface AtRest {
  readonly mebibytes: number
  readonly cpuPerMinute: number
}

async function measureAt(
  deployments: number,
  { kubeconfig, namespaces }: IdleCluster,
  entrant: Entrant,
  idle: number,
): Promise<Taken> {
  await using slack = await startFakeSlack({ channels: namespaces })
  await using contender = await entrant.start({ kubeconfig, namespaces, slack })
  const before = costs(contender)
  const startCpuSeconds = total([...before.values()].map(({ cpuSeconds }) => cpuSeconds))
  await delay(idle * 1_000)
  const after = costs(contender)
  const snapshot = isHermod(contender) ? await timeSnapshot(contender.services.watcher) : undefined
  return {
    deployments,
    readyMs: contender.readyAfterMs,
    atRestMs: contender.atRestAfterMs,
    startCpuSeconds,
    ...(snapshot && { snapshot }),
    processes: new Map(
      [...after].map(([name, { mebibytes, cpuSeconds }]) => {
        const used = cpuSeconds - (before.get(name)?.cpuSeconds ?? 0)
        return [name, { mebibytes, cpuPerMinute: (used * 60) / idle }]
      }),
    ),
  }
}

function costs(contender: Contender): ReadonlyMap<string, Cost> {
  return new Map([...contender.processes()].map(([name, pids]) => [name, totalCost(pids)]))
}

const published = 'hermod_watcher_observations_total'

/** From the first observation of a new watcher until its snapshot is out. */
async function timeSnapshot(watcher: ServiceProcess): Promise<Passed> {
  const sum = async (metric: string): Promise<number> => {
    const lines = (await watcher.metrics()).matchAll(new RegExp(`^${metric}(?:{[^}]*})? (\\S+)`, 'gm'))
    return total([...lines].map(([, value]) => Number(value)))
  }
  const atLeastOne = (metric: string): Promise<number> =>
    eventually(
      async () => {
        const value = await sum(metric)
        if (value === 0) throw new Error(`${metric} is still 0`)
        return value
      },
      { everyMs: 10 },
    )
  await watcher.restart()
  const first = await atLeastOne(published)
  const from = performance.now()
  await atLeastOne('hermod_watcher_snapshots_total')
  return { messages: (await sum(published)) - first, ms: performance.now() - from }
}

/** The four of ours that every installation runs; all there are of anybody else. */
function figuresOf({ deployments, readyMs, atRestMs, startCpuSeconds, processes }: Taken): readonly Figure[] {
  const { ready, memory } = field[deployments] ?? {}
  const four = withoutTheFifth(processes)
  const [mebibytes, cpuPerMinute] = [total(four.map(memoryOf)), total(four.map(cpuOf))]
  const each = (of: (entry: Entry) => number, digits: number): string =>
    four.length < 2 ? '' : ` (${four.map((entry) => `${entry[0]} ${of(entry).toFixed(digits)}`).join(', ')})`
  const fifth = processes.get(besideTheFour)
  const plus = fifth
    ? `; ${besideTheFour} beside them ${fifth.mebibytes.toFixed(0)} MiB, ${fifth.cpuPerMinute.toFixed(2)} s`
    : ''
  return [
    {
      what: `${deployments} Deployments: ready after (at rest after · CPU until then)`,
      cell: {
        text: `${seconds(readyMs).text} (${seconds(atRestMs).text} · ${startCpuSeconds.toFixed(1)} s)`,
        amounts: [readyMs],
      },
      ...(ready && { peers: ready }),
    },
    {
      what: `${deployments} Deployments at rest: memory (RSS) of all four processes`,
      cell: { text: `${mebibytes.toFixed(0)} MiB${each(memoryOf, 0)}${plus}`, amounts: [mebibytes] },
      aim: { text: '360 MiB', most: [360] },
      ...(memory && { peers: memory }),
    },
    {
      what: `${deployments} Deployments at rest: CPU in a minute of all four`,
      cell: { text: `${cpuPerMinute.toFixed(2)} s${each(cpuOf, 2)}`, amounts: [cpuPerMinute] },
      aim: { text: '1.2 s', most: [1.2] },
    },
  ]
}

/** From the smallest cluster to the largest. */
function growth(taken: readonly Taken[]): readonly Figure[] {
  const [first, last] = [taken[0], taken.at(-1)]
  if (first === undefined || last === undefined) return []
  const times = last.deployments / first.deployments
  const ratio = (of: (each: Taken) => number): number => of(last) / of(first)
  const rest = (of: (entry: Entry) => number) => (each: Taken) =>
    total(withoutTheFifth(each.processes).map(of))
  const { snapshot } = last
  const factors = [ratio(({ startCpuSeconds }) => startCpuSeconds), ratio(rest(memoryOf)), ratio(rest(cpuOf))]
  return [
    {
      what: `${times} times the Deployments: CPU to the start · memory · CPU at rest grow to`,
      cell: { text: factors.map((factor) => `× ${factor.toFixed(1)}`).join(' · '), amounts: factors },
      aim: { text: `linear, × ${times}`, most: factors.map(() => times) },
    },
    ...(snapshot
      ? [{ what: 'observations a second out of a watcher that starts', cell: { text: rateOf(snapshot) } }]
      : []),
  ]
}

type Entry = readonly [name: string, AtRest]

function withoutTheFifth(processes: Taken['processes']): readonly Entry[] {
  return [...processes].filter(([name]) => name !== besideTheFour)
}

function memoryOf([, { mebibytes }]: Entry): number {
  return mebibytes
}

function cpuOf([, { cpuPerMinute }]: Entry): number {
  return cpuPerMinute
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0)
}
