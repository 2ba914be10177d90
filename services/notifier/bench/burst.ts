// Many rollouts at once, each finished within a second, against Slack's budgets. Prints how long it takes until every
// card says so, what was lost or doubled, and how much of both budgets was used.
// node bench/burst.ts [rollouts] [channels] [seconds until each is finished]
import { setTimeout as delay } from 'node:timers/promises'
import { transition } from '../src/notification/testdata/rollouts.ts'
import { startBed } from './notifier-bed.ts'

const [rollouts = 200, channels = 20, seconds = 1] = process.argv.slice(2).map(Number)
const names = Array.from({ length: channels }, (_, index) => `c${index}`)

await using bed = await startBed({ channels: names }, true)
await using _notifier = await bed.start()
await bed.slack.waitForCall(({ method }) => method === 'auth.test')

const begun = performance.now()
await Promise.all(Array.from({ length: rollouts }, async (_, index) => await roll(index)))
const published = performance.now()
let missing = rollouts
while (missing > 0 && performance.now() - begun < 20 * 60_000) {
  await delay(250)
  missing = rollouts - liveCards()
}
const elapsed = (performance.now() - begun) / 1000
const calls = bed.slack.calls.filter(({ outcome }) => outcome === 'ok')
const posts = calls.filter(({ method }) => method === 'chat.postMessage').length
const edits = calls.filter(({ method }) => method === 'chat.update').length
const limited = bed.slack.calls.filter(({ outcome }) => outcome === 'ratelimited').length
console.log(
  `${rollouts} rollouts over ${channels} channels, published in ${((published - begun) / 1000).toFixed(1)} s`,
)
console.log(
  `drained in ${elapsed.toFixed(1)} s; lost ${missing}, doubled ${doubled()}; ${limited} calls refused for their rate`,
)
console.log(
  `${posts} posts (${(posts / elapsed / channels).toFixed(2)}/s a channel), ${edits} edits (${((edits / elapsed) * 60).toFixed(1)}/min)`,
)
console.log(
  `rss ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB, with the test bed in the same process`,
)

async function roll(index: number): Promise<void> {
  const channel = names[index % names.length] ?? ''
  const facts = {
    name: `app-${index}`,
    uid: `uid-${index}`,
    namespaceAnnotations: { 'hermod.uswitch.com/slack': channel },
  }
  await bed.publish(transition('started', 1, facts, new Date().toISOString()))
  await delay(Math.random() * seconds * 1000)
  await bed.publish(transition('succeeded', 2, { ...facts, phase: 'complete' }, new Date().toISOString()))
}

function liveCards(): number {
  return names.flatMap((name) => bed.slack.messages(name)).filter(({ text }) => text?.includes('is live'))
    .length
}

function doubled(): number {
  const all = names
    .flatMap((name) => bed.slack.messages(name))
    .map(({ text }) => /\*app-\d+\*/.exec(text ?? '')?.[0])
  return all.length - new Set(all).size
}
