// RSS of a notifier process, as shipped: at rest, and at its highest while 1,000 rollouts over 50 channels are posted.
// Flags of node are handed on to it.
// node bench/memory.ts [file to start; default dist/notifier.mjs of `npm run bundle`]
import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { eventually, startProcess } from '@hermod/testkit'
import { transition } from '../src/notification/testdata/rollouts.ts'
import { startBed } from './notifier-bed.ts'

const file = process.argv[2] ?? fileURLToPath(new URL('../../../dist/notifier.mjs', import.meta.url))
const channels = Array.from({ length: 50 }, (_, index) => `c${index}`)

await using bed = await startBed({ channels })
await using notifier = await startProcess(process.execPath, [...process.execArgv, file], {
  env: bed.env,
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
console.log(`highest ${await mebibytes('VmHWM')} MiB, afterwards ${await mebibytes('VmRSS')} MiB`)

async function mebibytes(field: string): Promise<string> {
  const status = await readFile(`/proc/${notifier.pid}/status`, 'utf8')
  return (Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 1024).toFixed(0)
}
