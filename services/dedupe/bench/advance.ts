// How many observations a second `advance` takes in per second of CPU, no I/O. Run: node services/dedupe/bench/advance.ts
import type { DeploymentObservation } from '@hermod/contracts'
import type { Tracked } from '../src/rollout/rollout.ts'
import { advance } from '../src/rollout/rollout-state-machine.ts'
import { baseline, beganMs, settled, trace } from '../src/rollout/testdata/trace.ts'

const update = trace(`
  7 gen2 T=B
  15 rev2 P=NewReplicaSetCreated rs
  34 obs2 U0
  41 R3 U1 P=ReplicaSetUpdated
  343 av3
  368 R2 av2
  373 U2 R3
  678 av3
  695 R2 av2 P=NewReplicaSetAvailable`)

function measure(what: string, calls: number, run: () => void): void {
  run()
  const began = process.cpuUsage()
  run()
  const perSecond = Math.round(calls / (process.cpuUsage(began).user / 1e6))
  process.stdout.write(`${what}: ${perSecond.toLocaleString('en')} calls per second of CPU\n`)
}

/** As it comes out of NATS: no object is shared with the state. */
const fresh = (seen: DeploymentObservation): DeploymentObservation => structuredClone(seen)

const rounds = 20_000
const known = baseline()
const copies = Array.from({ length: 500 }, () => fresh(settled))
measure('a snapshot in which nothing changed', rounds * 10, () => {
  for (let index = 0; index < rounds * 10; index++) {
    advance(known, copies[index % copies.length] ?? settled, { nowMs: beganMs, namespaceKnown: true })
  }
})

const rollouts = Array.from({ length: 100 }, () => update.map(fresh))
measure('whole rollouts of nine observations', rounds * update.length, () => {
  for (let round = 0; round < rounds; round++) {
    let tracked: Tracked | undefined = known
    for (const [index, seen] of (rollouts[round % rollouts.length] ?? update).entries()) {
      tracked = advance(tracked, seen, { nowMs: beganMs + index * 100, namespaceKnown: true }).tracked
    }
  }
})

measure('as they come: of ten observations nine say nothing new', rounds * 10, () => {
  let tracked: Tracked | undefined = known
  for (let index = 0; index < rounds * 10; index++) {
    const step = index % (10 * update.length)
    if (step === 0) tracked = known
    const seen = step % 10 === 0 ? rollouts[index % rollouts.length]?.[step / 10] : undefined
    const moment = { nowMs: beganMs + step * 10, namespaceKnown: true }
    if (seen) tracked = advance(tracked, seen, moment).tracked
    else advance(known, copies[index % copies.length] ?? settled, moment)
  }
})
