// Two replicas, started as the image starts them, on a real nats-server that flushes every write: a snapshot in which
// nothing changed, a steady load of which one in ten brings a transition, with 1,000 Deployments known and with all,
// and what the processes weigh. Beside it runs what no code of ours can undercut: two flushed writes, one after another.
// Run: node services/dedupe/bench/service.ts [DEPLOYMENTS] [PER_SECOND] [SECONDS] [BUNDLE]
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  type DeploymentObservation,
  decodeEvent,
  observationConsumer,
  parseTransition,
  streams,
} from '@hermod/contracts'
import { eventually, shippedStart, startNatsServer, startProcess } from '@hermod/testkit'
import { settled, trace } from '../src/rollout/testdata/trace.ts'
import { startTestBed, takeSnapshot } from '../src/testdata/test-bed.ts'

type ConsumerInfo = Awaited<ReturnType<typeof bed.connection.manager.consumers.info>>

const [deployments = 10_000, perSecond = 1_000, seconds = 10] = process.argv.slice(2, 5).map(Number)
const partitions = 16
const say = (line: string): void => void process.stdout.write(`${line}\n`)

await using nats = await startNatsServer()
await using bed = await startTestBed(nats.url, partitions, { deaf: true })
const main = process.argv[5] ?? fileURLToPath(new URL('../src/main.ts', import.meta.url))
const image = shippedStart('dedupe')
const env = { ...image.env, NATS_URL: nats.url, HTTP_PORT: '0', LOG_LEVEL: 'error' }
await using one = await startProcess(process.execPath, [...image.flags, main], { env })
await using two = await startProcess(process.execPath, [...image.flags, main], { env })
const replicas = [one, two]

async function allConsumers(hold: (info: ConsumerInfo) => boolean): Promise<void> {
  const consumers = Array.from({ length: partitions }, (_, partition) => observationConsumer(partition).name)
  await eventually(
    async () => {
      for (const name of consumers) {
        const info = await bed.connection.manager.consumers.info(streams.observations.name, name)
        if (!hold(info)) throw new Error(`${name} is not there yet`)
      }
    },
    // Asking costs the server more than an observation does.
    { timeoutMs: 600_000, everyMs: 250 },
  )
}

const drained = (): Promise<void> => allConsumers((info) => info.num_pending + info.num_ack_pending === 0)

/** Seconds of CPU that processes have used; shared cores make wall time say little. */
function cpuOf(...pids: readonly number[]): number {
  const used = pids.map((pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return (Number(fields[11]) + Number(fields[12])) / 100
  })
  return used.reduce((sum, each) => sum + each, 0)
}

function sayWeight(when: string): void {
  const mebibytes = replicas.map(({ pid }) => {
    const [, kib = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return (Number(kib) / 1024).toFixed(0)
  })
  say(`RSS of the replicas ${when}: ${mebibytes.join(' and ')} MiB`)
}

const named = (seen: DeploymentObservation, index: number): DeploymentObservation => ({
  ...seen,
  name: `web-${index}`,
  uid: `web-${index}`,
})

async function snapshot(count: number, what: string): Promise<void> {
  const all = Array.from({ length: count }, (_, index) => named(settled, index))
  const began = performance.now()
  await takeSnapshot(bed, `${count} ${what}`, all)
  await drained()
  say(`a snapshot of ${count} ${what}: ${((performance.now() - began) / 1000).toFixed(1)} s`)
}

function quantiles(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number): string =>
    (sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN).toFixed(1)
  return `p50 ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)} ms`
}

const rollouts = streams.rollouts.name

async function lastTransition(): Promise<number> {
  const { state } = await bed.connection.manager.streams.info(rollouts)
  return state.last_seq
}

/** From an observation's time in its stream to its transition's. A reader would take the cores from who is measured. */
async function waitsAfter(sequence: number): Promise<readonly number[]> {
  const waits: number[] = []
  const last = await lastTransition()
  for (let seq = sequence + 1; seq <= last; seq++) {
    const stored = await bed.connection.manager.streams.getMessage(rollouts, { seq })
    if (!stored) continue
    const event = decodeEvent(stored.string(), parseTransition)
    if (event.kind === 'ok') waits.push(stored.time.getTime() - Date.parse(event.value.data.at))
  }
  return waits
}

/** How long two flushed writes take, one after another, until it is stopped. */
async function probe(stopped: AbortSignal): Promise<readonly number[]> {
  const took: number[] = []
  while (!stopped.aborted) {
    const began = performance.now()
    for (const name of ['first', 'second'])
      await bed.publishRaw(`hermod.delivery.0.prod.shop.${name}`, 'x'.repeat(2_000))
    took.push(performance.now() - began)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return took
}

/** A rollout that is found finished, another one each time: it brings one transition. */
const finished = (round: number): DeploymentObservation => {
  const [seen = settled] = trace(
    `7 gen${round} obs${round} rev${round} T=${String.fromCodePoint(64 + round)}`,
  )
  return seen
}

/** Observes `known` Deployments in turn; gives the replicas' CPU for each observation, in microseconds. */
async function load(known: number, round: number): Promise<number> {
  const stopping = new AbortController()
  const probing = probe(stopping.signal)
  const pids = [one.pid, two.pid]
  const [cpuBefore, storedBefore, began] = [cpuOf(...pids), await lastTransition(), performance.now()]
  const sent: Promise<void>[] = []
  for (let index = 0; index < perSecond * seconds; index++) {
    const turn = Math.floor(index / known)
    const seen = named(index % 10 === 0 ? finished(round + turn) : settled, index % known)
    sent.push(bed.observe({ ...seen, observedAt: new Date().toISOString() }))
    const ahead = (index / perSecond) * 1000 - (performance.now() - began)
    if (ahead > 1) await new Promise((resolve) => setTimeout(resolve, ahead))
  }
  await Promise.all(sent)
  const published = (performance.now() - began) / 1000
  stopping.abort()
  const floor = await probing
  await drained()
  const taken = (performance.now() - began) / 1000
  const cost = ((cpuOf(...pids) - cpuBefore) * 1e6) / sent.length
  const waits = await waitsAfter(storedBefore)
  say(
    `with ${known} known: ${sent.length} observations published in ${published.toFixed(1)} s, taken in after ${taken.toFixed(1)} s`,
  )
  say(`  ${waits.length} transitions, observation stored to transition stored: ${quantiles(waits)}`)
  say(`  two flushed writes one after another, meanwhile: ${quantiles(floor)}`)
  say(`  CPU of the replicas for an observation: ${cost.toFixed(0)} µs`)
  return cost
}

await allConsumers((info) => info.num_waiting >= replicas.length)
sayWeight('after the start')
const few = Math.min(1_000, deployments)
await snapshot(few, 'of unknown Deployments')
await load(few, 2)
const withFew = await load(few, 2 + Math.ceil((perSecond * seconds) / few))
await snapshot(deployments, 'of unknown Deployments')
await snapshot(deployments, 'in which nothing changed')
sayWeight('with all known')
const withAll = await load(deployments, 25)
sayWeight('after the load')
say(`CPU for an observation, ${deployments} known : ${few} known = ${(withAll / withFew).toFixed(2)}`)
say(
  `CPU s of nats-server ${cpuOf(nats.pid)}, replicas ${cpuOf(one.pid, two.pid).toFixed(2)}, this program ${cpuOf(process.pid)}`,
)
