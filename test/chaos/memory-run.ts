// Owns a run without faults, under load, that watches the memory of every process.
import { setTimeout as delay } from 'node:timers/promises'
import { totalCost } from '../bench/process-cost.ts'
import { serviceNames } from '../pipeline/service-process.ts'
import { startChaosBed } from './bed.ts'
import { fewestMinutes, type MemorySample, memorySlope } from './memory-slope.ts'
import type { Run, RunResult } from './run.ts'

export interface MemoryRun extends Run {
  /** Until the notifier keeps as many cards in memory as it ever does: 2,000 rollouts. */
  readonly warmUpMinutes: number
  readonly minutes: number
}

const sampleEveryMs = 5_000
const minuteMs = 60_000
/** MiB an hour; asked of the services. */
const steepest = 1

export async function watchMemory({ seed, warmUpMinutes, minutes, tell }: MemoryRun): Promise<RunResult> {
  if (minutes < fewestMinutes) throw new RangeError(`${minutes} minutes are too few to see a slope`)
  await using bed = await startChaosBed({ seed, lanes: 24, deployments: 96 })
  const { nats, services } = bed.pipeline
  const processes = [
    ...serviceNames.map((name) => ({ name, pid: services[name].pid })),
    { name: 'nats-server', pid: nats.pid },
  ].map((each) => ({ ...each, samples: [] as MemorySample[] }))
  tell(`${warmUpMinutes} min to warm up`)
  await delay(warmUpMinutes * minuteMs)
  const begunBefore = bed.load.begun
  const beganMs = performance.now()
  for (let nextMs = 0; nextMs <= minutes * minuteMs; nextMs += sampleEveryMs) {
    await delay(Math.max(0, beganMs + nextMs - performance.now()))
    for (const { pid, samples } of processes)
      samples.push({ atMs: performance.now(), mebibytes: totalCost([pid]).mebibytes })
    if (nextMs % minuteMs === 0)
      tell(
        processes
          .map(({ name, samples }) => `${name} ${Math.round(samples.at(-1)?.mebibytes ?? 0)}`)
          .join(', '),
      )
  }
  const rollouts = bed.load.begun - begunBefore
  const { problems } = await bed.verdict()
  const slopes = processes.map(({ name, samples }) => ({
    name,
    slope: memorySlope(samples),
    end: samples.at(-1),
  }))
  const said = slopes.map(
    ({ name, slope, end }) => `${name} ${slope.toFixed(1)} to ${Math.round(end?.mebibytes ?? 0)} MiB`,
  )
  return {
    problems: [
      ...problems,
      // What nats-server keeps, it was told to keep: a card for 30 days.
      ...slopes
        .filter(({ name, slope }) => name !== 'nats-server' && slope > steepest)
        .map(({ name, slope }) => `${name} grows by ${slope.toFixed(1)} MiB an hour`),
    ],
    figures: `MiB an hour over ${minutes} min and ${rollouts} rollouts: ${said.join(', ')}`,
  }
}
