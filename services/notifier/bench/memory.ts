// RSS and CPU time of a notifier process, with the flags of its image: at rest, and at its highest while 1,000 rollouts
// over 50 channels are posted. Further flags of node are handed on to it.
// node bench/memory.ts [file to start; default dist/notifier.mjs of `npm run bundle`]
import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { eventually, shippedStart, startProcess } from '@hermod/testkit'
import { transition } from '../src/notification/testdata/rollouts.ts'
import { startBed } from './notifier-bed.ts'

const file = process.argv[2] ?? fileURLToPath(new URL('../../../dist/notifier.mjs', import.meta.url))
const channels = Array.from({ length: 50 }, (_, index) => `c${index}`)

await using bed = await startBed({ channels })
const image = shippedStart('notifier')
await using notifier = await startProcess(process.execPath, [...image.flags, ...process.execArgv, file], {
  env: { ...bed.env, ...image.env },
})
await bed.slack.waitForCall(({ method }) => method === 'auth.test')
await delay(2_000)
console.log(`at rest ${await mebibytes('VmRSS')} MiB`)
await Promise.all(
  Array.from({ length: 1_000 }, async (_, index) => {
    const annotations = { 'hermod.uswitch.com/slack': channels[index % channels.length] ?? '' }
    const facts = { name: `app-${index}`, uid: `uid-${index}`, namespaceAnnotations: annotations }
    await bed.publish(transition('started', 1, facts, new Date().toISOString()))
    await bed.publish(transition('succeeded', 2, { ...facts, phase: 'complete' }, new Date().toISOString()))
  }),
)
const posts = () => bed.slack.calls.filter(({ method }) => method === 'chat.postMessage').length
await eventually(() => (posts() < 1_000 ? Promise.reject(new Error(`${posts()} posts`)) : undefined), {
  timeoutMs: 120_000,
})
console.log(
  `highest ${await mebibytes('VmHWM')} MiB, afterwards ${await mebibytes('VmRSS')} MiB, ${await cpuSeconds()} s of CPU`,
)

async function mebibytes(field: string): Promise<string> {
  const status = await readFile(`/proc/${notifier.pid}/status`, 'utf8')
  return (Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 1024).toFixed(0)
}

async function cpuSeconds(): Promise<string> {
  const stat = await readFile(`/proc/${notifier.pid}/stat`, 'utf8')
  const [user, system] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12, 14)
  return ((Number(user) + Number(system)) / 100).toFixed(1)
}
