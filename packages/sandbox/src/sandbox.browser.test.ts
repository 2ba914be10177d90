import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import {
  eventually,
  makeTempFolder,
  type OpenBrowser,
  openBrowser,
  type RunningProcess,
  startProcess,
} from '@hermod/testkit'
import { accessibilityProblems, type LookedAt, lookAt } from './preview/testing/look-at.ts'
import { scenarios } from './scenario.ts'

const root = join(import.meta.dirname, '../../..')
const parts = new AsyncDisposableStack()
let browser: OpenBrowser
let sandbox: RunningProcess
let shown: LookedAt
// All of it plays at once, on a machine that may have other things to do.
const patience = { timeoutMs: 150_000, everyMs: 250 } as const

before(async () => {
  const opening = openBrowser()
  opening.catch(() => undefined)
  const { path } = parts.use(await makeTempFolder('sandbox'))
  const { PATH, HOME, XDG_CACHE_HOME } = process.env
  const env = { PATH, HOME, XDG_CACHE_HOME, XDG_STATE_HOME: path }
  sandbox = parts.use(
    await startProcess(process.execPath, ['packages/sandbox/src/main.ts', '--loop=false'], {
      cwd: root,
      env,
    }),
  )
  browser = parts.use(await opening)
  for (const service of ['watcher', 'dedupe', 'notifier'])
    await eventually(() => assert.match(sandbox.output, new RegExp(`${service} is ready`)), patience)
  const run = JSON.parse(readFileSync(join(path, 'hermod', 'run.json'), 'utf8')) as {
    processes: { page: { ports: { http: number } } }
  }
  shown = parts.use(await lookAt(browser, `http://127.0.0.1:${run.processes.page.ports.http}/`))
})
after(() => parts.disposeAsync())

async function press(label: string): Promise<void> {
  await shown.page.getByRole('button', { name: label }).first().click()
}

async function play(title: string): Promise<void> {
  const button = shown.page.getByRole('button', { name: title }).first()
  const all = shown.page.getByRole('region', { name: 'Roll something out' })
  const { height } = (await all.boundingBox()) ?? {}
  await button.click()
  await eventually(async () =>
    assert.match(await button.getByRole('status').innerText(), /under way|done at/),
  )
  assert.equal((await all.boundingBox())?.height, height, 'what is below has moved from under the pointer')
}

interface FinalCard {
  readonly channel: string
  /** The last state of the first card of the scenario. */
  readonly says: RegExp
  readonly colour: string | undefined
  /** Somewhere below. */
  readonly why?: RegExp
}

const colours = { live: '#2eb67d', failed: '#e01e5a', over: '#9e9e9e' }
const finals: Readonly<Record<string, readonly FinalCard[]>> = {
  success: [
    { channel: 'shop-deploys', says: /^✓ checkout 2\.4\.1 is live · shop · sandbox/, colour: colours.live },
  ],
  slow: [{ channel: 'shop-deploys', says: /^✓ search 2\.4\.1-slow is live/, colour: colours.live }],
  'bad-image': [
    {
      channel: 'payments',
      says: /^✗ ledger 2\.4\.1-badimage failed/,
      colour: colours.failed,
      why: /ImagePullBackOff|ErrImagePull/,
    },
    { channel: 'payments', says: /^✓ ledger 2\.4\.2 is live/, colour: colours.live },
  ],
  crash: [
    {
      channel: 'shop-deploys',
      says: /^✗ cart 2\.4\.1-crash failed/,
      colour: colours.failed,
      why: /exit code 1/,
    },
  ],
  'out-of-memory': [
    {
      channel: 'shop-deploys',
      says: /^✗ prices 2\.4\.1-hungry failed/,
      colour: colours.failed,
      why: /OOMKilled[^]*memory limit/,
    },
  ],
  unready: [
    {
      channel: 'payments',
      says: /^✗ refunds 2\.4\.1-unready failed/,
      colour: colours.failed,
      why: /Readiness probe failed/,
    },
  ],
  'config-error': [
    {
      channel: 'payments',
      says: /^✗ fraud 2\.4\.1-badconfig failed/,
      colour: colours.failed,
      why: /CreateContainerConfigError/,
    },
  ],
  quota: [{ channel: 'platform-deploys', says: /^✓ reports 2\.4\.1 is live/, colour: colours.live }],
  rollback: [{ channel: 'payments', says: /^✓ invoices is rolled back to 2\.4\.0/, colour: colours.live }],
  superseded: [
    { channel: 'shop-deploys', says: /^images 2\.4\.1-slow was overtaken by 2\.4\.2/, colour: colours.over },
  ],
  pause: [{ channel: 'shop-deploys', says: /^✓ web 2\.4\.1-slow is live/, colour: colours.live }],
  restart: [{ channel: 'shop-deploys', says: /^✓ stock 2\.4\.0 has restarted/, colour: colours.live }],
  deleted: [{ channel: 'payments', says: /^old-ledger was deleted/, colour: colours.over }],
  registry: [
    { channel: 'shop-deploys', says: /^✓ mail 2\.4\.1 is live/, colour: colours.live },
    { channel: 'payments', says: /^✓ payouts 2\.4\.1 is live/, colour: colours.live },
  ],
  // Where posts are late, several are told in one message.
  thirty: ['01', '15', '30'].map((number) => ({
    channel: 'platform-deploys',
    says: new RegExp(`✓ service-${number} 2\\.4\\.1`),
    colour: colours.live,
  })),
  scaling: [],
}

async function openChannel(name: string): Promise<void> {
  await shown.page.getByRole('button', { name: new RegExp(`^# ${name}`) }).click()
}

async function untilShown(card: FinalCard, timeoutMs: number = patience.timeoutMs): Promise<void> {
  const { page } = shown
  await openChannel(card.channel)
  const found = await eventually(
    async () => {
      const cards = await page.locator('article').evaluateAll((articles) =>
        articles.map((article) => ({
          text: (article.querySelector('.look')?.textContent ?? '').trim(),
          whole: article.textContent ?? '',
          colour: article.querySelector('.bar')?.getAttribute('data-color') ?? undefined,
        })),
      )
      const match = cards.find(({ text }) => card.says.test(text))
      assert.ok(match, `no card ${card.says} among ${cards.map(({ text }) => text.slice(0, 60)).join(' | ')}`)
      if (card.why) assert.match(match.whole, card.why)
      return match
    },
    { ...patience, timeoutMs },
  )
  assert.equal(found.colour, card.colour)
}

// What was never told need not be told as deleted: where a machine was too busy to post in time, it is played again.
async function untilDeleted(): Promise<void> {
  const button = shown.page.getByRole('button', { name: titleOf('deleted') })
  const card = finals['deleted']?.[0]
  assert.ok(card)
  for (let tries = 3; ; tries--) {
    await eventually(async () => assert.match(await button.innerText(), /done at/), patience)
    const outcome = await untilShown(card, tries > 1 ? 3_000 : undefined).catch((error: unknown) => error)
    if (outcome === undefined) return
    if (tries === 1) throw outcome
    await play(titleOf('deleted'))
  }
}

function titleOf(id: string): string {
  return scenarios.find((scenario) => scenario.id === id)?.title ?? ''
}

async function readStrip(): Promise<Readonly<Record<string, number>>> {
  const rows = await shown.page
    .locator('.strip > div')
    .evaluateAll((each) =>
      each.map((row) => [row.getAttribute('data-part'), row.querySelector('dd')?.textContent]),
    )
  return Object.fromEntries(rows.map(([part, count]) => [String(part), Number(count)]))
}

async function untilExpected(least: number): Promise<void> {
  await eventually(async () => {
    const { expected = 0 } = await readStrip()
    assert.ok(expected >= least, `${expected} of ${least}`)
  }, patience)
}

/** Once nothing is on its way any more. */
async function untilCounted(): Promise<Readonly<Record<string, number>>> {
  return eventually(async () => {
    const counts = await readStrip()
    assert.equal(counts['inFlight'], 0)
    assert.equal(counts['expected'], counts['delivered'])
    return counts
  }, patience)
}

describe('npm start, all of it', () => {
  it('plays every kind of rollout by hand, and each ends with its card', async () => {
    assert.deepEqual(Object.keys(finals).sort(), scenarios.map(({ id }) => id).sort())
    for (const { title } of scenarios) await play(title)
    await untilDeleted()
    for (const card of Object.values(finals).flat()) await untilShown(card)
    const { lost, doubled } = await untilCounted()
    assert.deepEqual({ lost, doubled }, { lost: 0, doubled: 0 })
    // Its card stood long before: so what it then came to is told in the channel again.
    await openChannel('payments')
    const words = await shown.page.locator('article', { hasText: 'replied to a thread' }).allTextContents()
    assert.match(words.join('\n'), /refunds 2\.4\.1-unready failed/)
    await openChannel('shop-deploys')
    assert.deepEqual(await shown.page.locator('article', { hasText: 'catalog' }).allTextContents(), [])
    assert.deepEqual(await accessibilityProblems(shown.page), [])
  })

  it('loses and doubles nothing when it is broken, and shows the board', async () => {
    const before = await untilCounted()
    for (const label of [
      'Slack limits us (429)',
      'Slack fails (500)',
      'Slack hangs',
      'Slack posts, its reply is lost',
    ])
      await press(label)
    await press('A rollout that works')
    await press('A rollback')
    await untilExpected((before['expected'] ?? 0) + 2)
    for (const label of [
      'Kill dedupe',
      'Kill nats-server',
      'Kill the API server',
      'Kill notifier',
      'Kill watcher',
    ])
      await press(label)
    const { lost, doubled } = await untilCounted()
    assert.deepEqual({ lost, doubled }, { lost: 0, doubled: 0 })
    await shown.page.getByRole('link', { name: 'Rollout board' }).click()
    await shown.page.getByRole('figure', { name: 'Seconds until live' }).locator('canvas').waitFor()
    await shown.page
      .getByRole('row', { name: /shop\/checkout complete/ })
      .first()
      .waitFor()
    assert.deepEqual(await accessibilityProblems(shown.page), [])
  })
})
