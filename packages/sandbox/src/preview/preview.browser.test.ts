import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually, type FakeSlack, type OpenBrowser, openBrowser } from '@hermod/testkit'
import { plainText } from '../slack-text.ts'
import { type CardSample, callSlack, cardSamples } from './testing/card-samples.ts'
import { accessibilityProblems } from './testing/look-at.ts'
import { openPreview } from './testing/open-preview.ts'

const channel = 'shop-deploys'
let browser: OpenBrowser

before(async () => {
  browser = await openBrowser()
})
after(() => browser[Symbol.asyncDispose]())

function post(slack: FakeSlack, args: Readonly<Record<string, unknown>>): Promise<string> {
  return callSlack(slack, 'chat.postMessage', { channel, ...args })
}

function edit(slack: FakeSlack, ts: string, args: Readonly<Record<string, unknown>>): Promise<string> {
  return callSlack(slack, 'chat.update', { channel: slack.channel(channel).id, ts, ...args })
}

/** The words of a line, without marks and dates. */
function words(mrkdwn: string): readonly string[] {
  const withoutDates = mrkdwn.replaceAll(/<!date[^>]*>/g, ' ')
  return plainText(withoutDates)
    .replaceAll(/[*`@]|subteam\^/g, '')
    .split(/\s+/)
    .filter(Boolean)
}

function textsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(textsOf)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, item]) => {
    if (name === 'fallback') return []
    return name === 'text' && typeof item === 'string' ? [item] : textsOf(item)
  })
}

describe('every kind of card is shown with its words and its colour', () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    it(`in ${colorScheme}, and nothing stands in anybody's way`, async () => {
      const shown: (CardSample & { ts: string })[] = []
      const fill = async (slack: FakeSlack): Promise<void> => {
        for (const sample of cardSamples())
          shown.push({ ...sample, ts: await post(slack, { ...sample.look }) })
      }
      await using preview = await openPreview(browser, { colorScheme, fill })
      await preview.page.locator(`article[data-ts="${shown.at(-1)?.ts}"]`).waitFor()
      const drawn = await drawnCards(preview.page)
      for (const { name, look, ts } of shown) {
        const { text = '', bars = [] } = drawn.get(ts) ?? {}
        for (const each of textsOf(look).flatMap(words)) assert.ok(text.includes(each), `${name}: ${each}`)
        const colours = (look.attachments ?? []).map((each) => (each as { color?: string }).color)
        assert.deepEqual(
          bars.map(({ said }) => said),
          colours,
          name,
        )
        for (const { said, seen } of bars) if (said) assert.equal(seen, said, name)
      }
      await preview.page.locator('article').last().getByRole('button', { name: 'Behind it' }).click()
      await preview.page.getByRole('list', { name: 'What led to it' }).waitFor()
      assert.deepEqual(await accessibilityProblems(preview.page), [])
    })
  }
})

interface DrawnCard {
  readonly text: string
  readonly bars: readonly { readonly said: string | undefined; readonly seen: string }[]
}

type Page = Awaited<ReturnType<typeof openPreview>>['page']

/** By the ts of their messages: what each says, and the colours of its bars as they were meant and as they are drawn. */
async function drawnCards(page: Page): Promise<ReadonlyMap<string, DrawnCard>> {
  const cards = await page.locator('article').evaluateAll((articles) =>
    articles.map((article): [string, DrawnCard] => {
      const bars = [...article.querySelectorAll('.bar')].map((bar) => ({
        said: bar.getAttribute('data-color') ?? undefined,
        seen: getComputedStyle(bar).backgroundColor,
      }))
      return [article.getAttribute('data-ts') ?? '', { text: article.textContent ?? '', bars }]
    }),
  )
  const hex = (rgb: string): string =>
    `#${(rgb.match(/\d+/g) ?? []).map((part) => Number(part).toString(16).padStart(2, '0')).join('')}`
  return new Map(
    cards.map(([ts, { text, bars }]) => [
      ts,
      { text, bars: bars.map(({ said, seen }) => ({ said, seen: hex(seen) })) },
    ]),
  )
}

describe('a channel is as people would see it', () => {
  it('shows a broadcast reply in the channel and in its thread, and a quiet one in the thread alone', async () => {
    await using preview = await openPreview(browser)
    const { slack, page } = preview
    const ts = await post(slack, { text: 'the card' })
    await post(slack, { text: 'the bad word', thread_ts: ts, reply_broadcast: true })
    await post(slack, { text: 'a quiet word', thread_ts: ts })
    const messages = page.getByRole('region', { name: 'Messages in shop-deploys' })
    await messages.getByText('the bad word').waitFor()
    await messages.getByRole('button', { name: '2 replies' }).click()
    const thread = page.getByRole('complementary', { name: 'Thread' })
    await thread.getByText('the bad word').waitFor()
    await thread.getByText('a quiet word').waitFor()
    assert.equal(await messages.getByText('a quiet word').count(), 0)
    assert.equal(await messages.getByText('the bad word').count(), 1)
  })

  it('shows posts, edits and deletions as they happen', async () => {
    await using preview = await openPreview(browser)
    const { slack, page } = preview
    const ts = await post(slack, { text: 'rolling out' })
    await page.getByText('rolling out').waitFor()
    await edit(slack, ts, { text: 'is live' })
    await page.getByText('is live').waitFor()
    await page.getByText('(edited)').waitFor()
    slack.deleteMessage(channel, ts)
    await page.getByText('is live').waitFor({ state: 'detached' })
  })

  it('marks a channel as unread until it is looked at', async () => {
    await using preview = await openPreview(browser)
    const { slack, page } = preview
    await post(slack, { channel: 'payments', text: 'ledger failed' })
    const payments = page.getByRole('button', { name: '# payments 1 unread' })
    await payments.waitFor()
    assert.equal(await page.title(), '(1) Hermod')
    await payments.click()
    await page.getByText('ledger failed').waitFor()
    assert.equal(await page.getByText('unread').count(), 0)
  })

  it('fills in dates for the reader, keeps the fallback at hand, and turns text into no markup', async () => {
    await using preview = await openPreview(browser)
    const { slack, page } = preview
    await post(slack, {
      text: 'until <!date^1795357920^{time}|14:32 UTC> &lt;img src=x onerror=alert(1)&gt;',
    })
    const time = page.getByTitle('14:32 UTC')
    assert.match(await time.innerText(), /^2:32\sPM$/)
    await page.getByText('<img src=x onerror=alert(1)>').waitFor()
  })
})

describe('behind a message', () => {
  it('stand the calls that made it and all that it said', async () => {
    await using preview = await openPreview(browser)
    const { slack, page } = preview
    const ts = await post(slack, { text: 'rolling out' })
    await page.getByRole('button', { name: 'Behind it' }).click()
    const story = page.getByRole('list', { name: 'What led to it' })
    await story.getByText('chat.postMessage: ok (200)').waitFor()
    await edit(slack, ts, { text: 'is live' })
    await story.getByText('chat.update: ok (200)').click()
    await story.getByText('"text": "is live"').waitFor()
    assert.equal(await story.getByText('says rolling out').count(), 1)
    assert.equal(await story.getByText('says is live').count(), 1)
  })
})

describe('what is broken on purpose', () => {
  it('hits the next calls, and is told beside its button', async () => {
    await using preview = await openPreview(browser)
    const { slack, page } = preview
    await page.getByRole('button', { name: 'Slack limits us (429)' }).click()
    await page.getByText('0 of 3 calls hit').waitFor()
    await assert.rejects(post(slack, { text: 'lost' }), /ratelimited/)
    await page.getByText('1 of 3 calls hit').waitFor()
    await page.getByRole('button', { name: 'Mend Slack' }).click()
    await page.getByText('calls hit').waitFor({ state: 'detached' })
    await post(slack, { text: 'through' })
  })

  it('carries a post out whose reply is lost', async () => {
    await using preview = await openPreview(browser)
    const { slack, page } = preview
    await page.getByRole('button', { name: 'Slack posts, its reply is lost' }).click()
    await page.getByText('0 of 1 call hit').waitFor()
    await assert.rejects(post(slack, { text: 'nobody knows' }))
    await page.getByText('nobody knows').waitFor()
  })

  it('takes the token away and gives it back', async () => {
    await using preview = await openPreview(browser)
    const { slack, page } = preview
    await page.getByRole('button', { name: 'Slack revokes the token' }).click()
    await page.getByText('revoked', { exact: true }).waitFor()
    await assert.rejects(post(slack, { text: 'lost' }), /token_revoked/)
    await page.getByRole('button', { name: 'Mend Slack' }).click()
    await page.getByText('revoked', { exact: true }).waitFor({ state: 'detached' })
    await post(slack, { text: 'through' })
  })

  it('may be anything that the sandbox offers, and a failure of it is said', async () => {
    let kills = 0
    const actions = [
      { id: 'kill-nats', label: 'Kill NATS', group: 'break', run: () => void (kills += 1) },
      {
        id: 'cut',
        label: 'Cut the API',
        group: 'break',
        run: () => Promise.reject(new Error('it is away already')),
      },
    ] as const
    await using preview = await openPreview(browser, { actions })
    await preview.page.getByRole('button', { name: 'Kill NATS' }).click()
    await eventually(() => assert.equal(kills, 1))
    await preview.page.getByRole('button', { name: 'Cut the API' }).click()
    await preview.page.getByText('failed: it is away already').waitFor()
  })
})

describe('whoever has no mouse, or little room', () => {
  it('walks from message to message and back out by keyboard', async () => {
    const fill = async (slack: FakeSlack): Promise<void> => {
      await post(slack, { text: 'first' })
      await post(slack, { text: 'second' })
    }
    await using preview = await openPreview(browser, { fill })
    const { page } = preview
    await page.getByRole('region', { name: 'Messages in shop-deploys' }).focus()
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.getByText('says first').waitFor()
    await page.keyboard.press('Escape')
    await page.getByText('says first').waitFor({ state: 'detached' })
  })

  it('finds everything within the width of a phone', async () => {
    const fill = async (slack: FakeSlack): Promise<void> => {
      for (const { look } of cardSamples()) await post(slack, { ...look })
    }
    await using preview = await openPreview(browser, { fill, width: 360 })
    const { page } = preview
    await page.locator('article').last().waitFor()
    const width = (): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth)
    assert.equal(await width(), 360)
    const widest = await page.evaluate(() =>
      Math.max(
        ...[...document.querySelectorAll('article *')].map((each) => each.getBoundingClientRect().right),
      ),
    )
    assert.ok(widest <= 360, `something reaches to ${widest}`)
    assert.deepEqual(await accessibilityProblems(page), [])
  })
})

describe('a busy channel', () => {
  it('of 500 messages is there at once, and 30 edits a second draw nothing but what they edit', async () => {
    const posted: string[] = []
    const fill = async (slack: FakeSlack): Promise<void> => {
      const looks = cardSamples().map(({ look }) => look)
      for (let at = 0; at < 500; at++) posted.push(await post(slack, { ...looks[at % looks.length] }))
    }
    await using preview = await openPreview(browser, { fill })
    const { slack, page } = preview
    // The first visit pays for bundling.
    await page.reload()
    await page.locator('article').last().waitFor()
    const openedIn = await page.evaluate(() => performance.now())
    assert.equal(await page.locator('article').count(), 50)
    await page.evaluate(() => {
      const seen = { tasks: [] as number[], drawn: new Set<string>() }
      new PerformanceObserver((list) =>
        seen.tasks.push(...list.getEntries().map(({ duration }) => duration)),
      ).observe({ type: 'longtask' })
      const look = ({ target }: MutationRecord): void => {
        const element = target instanceof Element ? target : target.parentElement
        seen.drawn.add(element?.closest('article')?.getAttribute('data-ts') ?? 'the list')
      }
      const list = document.querySelector('.messages')
      if (list)
        new MutationObserver((changes) => changes.forEach(look)).observe(list, {
          subtree: true,
          childList: true,
          characterData: true,
        })
      Object.assign(globalThis, { seen })
    })
    const last = posted.slice(-30)
    for (const ts of last) {
      await edit(slack, ts, { text: `edited ${ts}` })
      await new Promise((resolve) => setTimeout(resolve, 33))
    }
    await page.getByText(`edited ${last.at(-1)}`).waitFor()
    const { tasks, drawn } = await page.evaluate(() => {
      const { seen } = globalThis as unknown as { seen: { tasks: number[]; drawn: Set<string> } }
      return { tasks: seen.tasks, drawn: [...seen.drawn] }
    })
    // What is promised of a machine with nothing else to do: 1 s and 50 ms.
    const longest = Math.round(Math.max(0, ...tasks))
    process.stdout.write(`# opened in ${Math.round(openedIn)} ms, longest task ${longest} ms\n`)
    assert.deepEqual(
      drawn.filter((ts) => !last.includes(ts)),
      [],
    )
    await page.getByRole('button', { name: '50 earlier messages' }).click()
    assert.equal(await page.locator('article').count(), 100)
  })
})
