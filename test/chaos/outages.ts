// Owns the outages that a pipeline under load is put through. Each resolves when it is over.
import { setTimeout as delay } from 'node:timers/promises'
import { type HttpFault, httpFault, slackFault } from '@hermod/testkit'
import { serviceNames } from '../pipeline/service-process.ts'
import type { ChaosBed } from './bed.ts'

export type Outage = (bed: ChaosBed, lastsMs: number) => Promise<void>

export const apiServerKilled: Outage = async ({ cluster, load }, lastsMs) => {
  // On a busy machine a server that is asked from all sides while it starts takes minutes.
  load.pause()
  await cluster.controlPlane.apiServer.kill()
  await delay(lastsMs)
  await cluster.controlPlane.apiServer.restart()
  load.resume()
}

export const natsFrozen: Outage = async ({ pipeline: { nats } }, lastsMs) => {
  nats.pause()
  await delay(lastsMs)
  nats.resume()
}

export const linksHalfOpen: Outage = async ({ links }, lastsMs) => {
  const all = [...Object.values(links.toNats), links.toApiServer]
  for (const link of all) link.freeze()
  await delay(lastsMs)
  for (const link of all) link.thaw()
}

const slackTroubles: readonly HttpFault[] = [
  slackFault.rateLimited(3),
  httpFault.serverError(503),
  { kind: 'hang' },
  httpFault.replyLost(),
]

export const slackInTrouble: Outage = async ({ pipeline: { slack } }, lastsMs) => {
  for (const [index, { id: channel }] of slack.channels.entries()) {
    const fault = slackTroubles[index % slackTroubles.length]
    if (fault) slack.inject(fault, { channel })
  }
  await delay(lastsMs)
  slack.liftFaults()
}

const jumps = 5
const farthestJumpMs = 600_000

export const clocksJump: Outage = async ({ pipeline: { services }, clocks, random }, lastsMs) => {
  const jump = async (shiftMs: () => number): Promise<void> => {
    for (const name of serviceNames) await clocks.set(services[name], shiftMs())
  }
  for (let each = 0; each < jumps; each++) {
    await jump(() => random.between(-farthestJumpMs, farthestJumpMs))
    await delay(lastsMs / jumps)
  }
  await jump(() => 0)
}

/** All services at once, and again as soon as they are back. */
export const sigtermStorm: Outage = async ({ pipeline: { services } }, lastsMs) => {
  const untilMs = performance.now() + lastsMs
  while (performance.now() < untilMs) {
    await Promise.all(
      serviceNames.map(async (name) => {
        const service = services[name]
        await service.stop()
        if (service.exitCode !== 0) throw new Error(`${name} ended with ${service.exitCode}\n${service.log}`)
        await service.restart()
      }),
    )
  }
}
