// Two replicas on a real nats-server that flushes every write: a snapshot in which nothing changed, a steady load of
// which one in ten brings a transition, and what the processes weigh.
// Run: node services/dedupe/bench/service.ts [DEPLOYMENTS] [PER_SECOND] [SECONDS] [BUNDLE]
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type DeploymentObservation, observationConsumer, streams } from '@hermod/contracts'
import { eventually, startNatsServer, startProcess } from '@hermod/testkit'
import { settled, trace } from '../src/rollout/testdata/trace.ts'
import { startTestBed, takeSnapshot } from '../src/testdata/test-bed.ts'

const [deployments = 10_000, perSecond = 1_000, seconds = 10] = process.argv.slice(2, 5).map(Number)
const partitions = 16
const say = (line: string): void => void process.stdout.write(`${line}\n`)

await using nats = await startNatsServer()
await using bed = await startTestBed(nats.url, partitions)
const main = process.argv[5] ?? fileURLToPath(new URL('../src/main.ts', import.meta.url))
const env = { NATS_URL: nats.url, HTTP_PORT: '0', LOG_LEVEL: 'error' }
await using one = await startProcess(process.execPath, ['--max-semi-space-size=4', main], { env })
await using two = await startProcess(process.execPath, ['--max-semi-space-size=4', main], { env })
const replicas = [one, two]

async function drained(): Promise<void> {
  const consumers = Array.from({ length: partitions }, (_, partition) => observationConsumer(partition).name)
  await eventually(
    async () => {
      for (const name of consumers) {
        const info = await bed.connection.manager.consumers.info(streams.observations.name, name)
        if (info.num_pending + info.num_ack_pending > 0) throw new Error('still at it')
      }
    },
    // Asking costs the server more than an observation does.
    { timeoutMs: 600_000, everyMs: 250 },
  )
}

const processes = { nats: nats.pid, one: one.pid, two: two.pid, bench: process.pid }

/** Seconds of CPU that each process has used; shared cores make wall time say little. */
function cpu(): string {
  const used = Object.entries(processes).map(([name, pid]) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return `${name} ${(Number(fields[11]) + Number(fields[12])) / 100}`
  })
  return `CPU s: ${used.join(', ')}`
}

const named = (seen: DeploymentObservation, index: number): DeploymentObservation => ({
  ...seen,
  name: `web-${index}`,
  uid: `web-${index}`,
})
const all = Array.from({ length: deployments }, (_, index) => named(settled, index))
for (const what of ['of unknown Deployments', 'in which nothing changed']) {
  const began = performance.now()
  await takeSnapshot(bed, what, all)
  await drained()
  say(`a snapshot of ${deployments} ${what}: ${((performance.now() - began) / 1000).toFixed(1)} s; ${cpu()}`)
}

const [start = settled] = trace('7 gen2 T=B')
const began = performance.now()
const sent: Promise<void>[] = []
for (let index = 0; index < perSecond * seconds; index++) {
  const seen = named(index % 10 === 0 ? start : settled, index % deployments)
  const observedAt = new Date().toISOString()
  sent.push(bed.observe({ ...seen, observedAt }))
  const ahead = (index / perSecond) * 1000 - (performance.now() - began)
  if (ahead > 5) await new Promise((resolve) => setTimeout(resolve, ahead))
}
await Promise.all(sent)
const published = (performance.now() - began) / 1000
await drained()
const taken = (performance.now() - began) / 1000
say(
  `${sent.length} observations published in ${published.toFixed(1)} s, taken in after ${taken.toFixed(1)} s`,
)

const waits = bed.heard
  .map(({ transition, delivery }) => delivery.streamTimestampMs - Date.parse(transition.at))
  .toSorted((a, b) => a - b)
const at = (share: number): number => waits[Math.floor((waits.length - 1) * share)] ?? Number.NaN
say(
  `${waits.length} transitions, observation stored to transition stored: p50 ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)} ms`,
)
for (const { pid } of replicas) {
  const [, kib = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  say(`replica: ${(Number(kib) / 1024).toFixed(0)} MiB`)
}
