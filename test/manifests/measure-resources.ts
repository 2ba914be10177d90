// `npm run measure-resources -- [SECONDS]`: what each process of docker-compose.yml takes, as it is shipped, while the
// sandbox plays its rollouts. With k8s/base/resources.json it says what the manifests ask for.
import { setTimeout as delay } from 'node:timers/promises'
import { startWebdavServer } from '@hermod/testkit'
import { type ComposeRun, runCompose } from '../compose/compose-run.ts'

const seconds = Number(process.argv[2] ?? 60)
const ours = ['provision', 'watcher', 'dedupe', 'notifier']

interface Sample {
  /** Since its start. */
  readonly cpuSeconds: number
  readonly memoryMiB: number
}

async function sampleOurs(run: ComposeRun, name: string): Promise<Sample> {
  const text = await (await fetch(`http://${run.address(name, 2112)}/metrics`)).text()
  const valueOf = (metric: string): number => Number(new RegExp(`^${metric} (\\S+)`, 'm').exec(text)?.[1])
  return {
    cpuSeconds: valueOf('process_cpu_seconds_total'),
    memoryMiB: valueOf('process_resident_memory_bytes') / 1024 / 1024,
  }
}

/** NATS tells the share of a core that it took lately; summed up, that is the time. */
async function sampleNats(run: ComposeRun, before: Sample | undefined): Promise<Sample> {
  const varz = await fetch(`http://${run.address('nats', 8222)}/varz`)
  const { cpu, mem } = (await varz.json()) as { readonly cpu: number; readonly mem: number }
  return { cpuSeconds: (before?.cpuSeconds ?? 0) + cpu / 100, memoryMiB: mem / 1024 / 1024 }
}

await using store = await startWebdavServer()
await using run = await runCompose({
  given: { ARTIFACTORY_LOGIN: store.login },
  elsewhere: { store: new URL(store.url).host },
})
for (const name of [...ours, 'sandbox']) await run.untilHealthy(name)
const samples = new Map<string, Sample[]>([...ours, 'nats'].map((name) => [name, []]))
const startedAt = performance.now()
for (let second = 0; second <= seconds; second++) {
  for (const [name, taken] of samples)
    taken.push(name === 'nats' ? await sampleNats(run, taken.at(-1)) : await sampleOurs(run, name))
  if (second < seconds) await delay(1_000)
}
const lasted = (performance.now() - startedAt) / 1_000
for (const [name, taken] of samples) {
  const cpu = ((taken.at(-1)?.cpuSeconds ?? 0) - (taken[0]?.cpuSeconds ?? 0)) / lasted
  const memory = Math.max(...taken.map(({ memoryMiB }) => memoryMiB))
  process.stdout.write(
    `${name.padEnd(10)} ${Math.ceil(cpu * 1_000)} millicores, at most ${Math.ceil(memory)} MiB\n`,
  )
}
