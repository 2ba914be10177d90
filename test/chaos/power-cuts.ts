// Owns runs on a NATS whose disk can be cut from its power, or filled.
import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { connectJetStream } from '@hermod/jetstream'
import { eventually } from '@hermod/testkit'
import { asUser } from '../nats-rights/shipped-authorization.ts'
import { startChaosBed } from './bed.ts'
import { type Disk, makeDisk } from './disk.ts'
import type { Run, RunResult } from './run.ts'

export interface PowerRun extends Run {
  readonly cuts: number
}

const size = { lanes: 24, deployments: 96 }
const leastUnderWay = 20
/** What is promised of a NATS that lost everything. */
const flowsWithinMs = 60_000

/** Every write is flushed: nothing may be lost. */
export async function cutPowerOfSyncedNats({ cuts, seed, tell }: PowerRun): Promise<RunResult> {
  await using disk = await makeDisk(512)
  await using bed = await startChaosBed({ seed, ...size, nats: disk.options })
  const { nats } = bed.pipeline
  for (let cut = 0; cut < cuts; cut++) {
    await delay(bed.random.between(500, 4_000))
    await bed.untilUnderWay(leastUnderWay)
    tell(`power cut ${cut + 1}, ${bed.load.underWay} rollouts under way`)
    await bed.amid(async () => {
      await disk.cutPower(nats)
      await delay(bed.random.between(0, 1_000))
      await nats.restart()
    })
  }
  const { problems, figures } = await bed.verdict()
  return { problems, figures: `${cuts} cuts, each write flushed; ${figures}` }
}

/** Nothing is flushed: the streams are gone, and all goes on by itself. */
export async function cutPowerOfLazyNats({ cuts, seed, tell }: PowerRun): Promise<RunResult> {
  await using disk = await makeDisk(512, { isLazy: true })
  const deployments = 2 * size.lanes
  const bedOptions = { seed, ...size, deployments, nats: { ...disk.options, syncAlways: false } }
  await using bed = await startChaosBed(bedOptions)
  const { nats } = bed.pipeline
  // The cache in Artifactory knows what it was told: a Deployment without any result is not in it.
  await bed.untilAllKnown()
  const problems: string[] = []
  let slowestMs = 0
  for (let cut = 0; cut < cuts; cut++) {
    await bed.untilUnderWay(leastUnderWay)
    const cutAt = Date.now()
    await bed.amid(async () => {
      bed.noteErasure()
      await disk.cutPower(nats)
      await nats.restart()
      const flowedMs = await bed.untilFlowing(flowsWithinMs).catch((error: unknown) => {
        problems.push(`cut ${cut + 1}: ${String(error)}`)
        return flowsWithinMs
      })
      slowestMs = Math.max(slowestMs, flowedMs)
      tell(`power cut ${cut + 1}: flowing after ${(flowedMs / 1_000).toFixed(1)} s`)
    })
    if (!(await wereMadeAnew(nats.url, cutAt)))
      problems.push(`cut ${cut + 1} took no stream: it shows nothing`)
  }
  const { problems: found, figures } = await bed.verdict()
  return {
    problems: [...problems, ...found],
    figures: `${cuts} cuts, all streams gone each time, flowing after at most ${(slowestMs / 1_000).toFixed(1)} s; ${figures}`,
  }
}

/** The disk of NATS has no byte left, for a while. */
export async function fillDiskOfNats({ seed, tell }: Run): Promise<RunResult> {
  await using disk: Disk = await makeDisk(128)
  await using bed = await startChaosBed({ seed, ...size, nats: disk.options })
  const { nats, services } = bed.pipeline
  await bed.untilUnderWay(leastUnderWay)
  const problems: string[] = []
  await bed.amid(async () => {
    await disk.fill(nats)
    await eventually(
      async () => {
        const { checks } = await services.watcher.readiness()
        const publishing = checks.find(({ name }) => name === 'publishing')
        assert.equal(publishing?.ok, false, 'the watcher is ready though it can publish nothing')
        tell(`the watcher says: ${publishing.detail}`)
      },
      { timeoutMs: 60_000, everyMs: 250 },
    ).catch((error: unknown) => problems.push(String(error)))
    await disk.free(nats)
    // It stays full in its own eyes until it is started again.
    await nats.restart()
  })
  const { problems: found, figures } = await bed.verdict()
  return { problems: [...problems, ...found], figures }
}

async function wereMadeAnew(url: string, sinceMs: number): Promise<boolean> {
  const { NATS_USER: user, NATS_PASSWORD: password } = asUser('provision')
  await using connection = await connectJetStream({
    servers: [url],
    name: 'power-cut',
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    user,
    credentials: () => ({ kind: 'password', user, password }),
  })
  const names = ['OBSERVATIONS', 'ROLLOUTS', 'KV_rollouts', 'KV_cards']
  const infos = await Promise.all(
    names.map((name) => connection.nats.request(`$JS.API.STREAM.INFO.${name}`, '', { timeout: 5_000 })),
  )
  return infos.every((info) => Date.parse(info.json<{ created: string }>().created) > sinceMs)
}
