// Draws every kind of card, light and dark, into packages/sandbox/screenshots: to be looked at before a commit.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { noBudgets, openBrowser, startFakeSlack } from '@hermod/testkit'
import { startPreview } from './preview-server.ts'
import { callSlack, cardSamples } from './testing/card-samples.ts'

const folder = join(import.meta.dirname, '..', '..', 'screenshots')

// Sharp enough to judge an alignment by, and small enough to be kept.
const quality = 35

const groups: Readonly<Record<string, RegExp>> = {
  started: /^started/,
  'rolling-out': /^(paused|resumed|annotation)/,
  live: /^(live|recovered|goes-on)/,
  'stuck-image': /^stuck-image/,
  'stuck-image-again': /^stuck-(old|two|withdrawn)/,
  'stuck-pods': /^stuck-(crash|config|between|out-of)/,
  'stuck-room': /^stuck-(quota|unschedulable|new)/,
  failed: /^failed(-without.*)?$/,
  'failed-shorter': /^failed-(plain|reply|small)/,
  ended: /^(deleted|released|superseded)/,
  digest: /^(digest|notice)/,
}

const unseen = cardSamples().filter(({ name }) => !Object.values(groups).some((kinds) => kinds.test(name)))
if (unseen.length > 0) throw new Error(`no picture shows ${unseen.map(({ name }) => name).join(', ')}`)

await using slack = await startFakeSlack({ channels: Object.keys(groups), budgets: noBudgets })
for (const [channel, kinds] of Object.entries(groups)) {
  const samples = cardSamples().filter(({ name }) => kinds.test(name))
  for (const { look } of samples) await callSlack(slack, 'chat.postMessage', { channel, ...look })
}
await using preview = await startPreview({ slack })
await using opened = await openBrowser()
mkdirSync(folder, { recursive: true })
for (const colorScheme of ['light', 'dark'] as const) {
  const page = await opened.browser.newPage({
    colorScheme,
    viewport: { width: 860, height: 1600 },
    timezoneId: 'UTC',
  })
  await page.goto(preview.url)
  for (const channel of Object.keys(groups)) {
    await page.getByRole('button', { name: `# ${channel}`, exact: true }).click()
    const list = page.getByRole('region', { name: `Messages in ${channel}` })
    await list.locator('article').last().waitFor()
    const articles = await list.locator('article').all()
    const boxes = await Promise.all(articles.map((article) => article.boundingBox()))
    const known = boxes.filter((box) => box !== null)
    const [first] = known
    const last = known.at(-1)
    if (!first || !last) continue
    const clip = { x: first.x, y: first.y, width: first.width, height: last.y + last.height - first.y }
    const path = join(folder, `${channel}-${colorScheme}.jpg`)
    await page.screenshot({ path, clip, type: 'jpeg', quality })
  }
  await page.close()
}
