import assert from 'node:assert/strict'
import { type FakeSlack, noBudgets, type OpenBrowser, startFakeSlack } from '@hermod/testkit'
import axe from 'axe-core'
import type { PreviewSources } from '../preview.ts'
import { startPreview } from '../preview-server.ts'

type Page = Awaited<ReturnType<OpenBrowser['browser']['newPage']>>

export interface OpenPreview extends AsyncDisposable {
  readonly slack: FakeSlack
  readonly page: Page
  readonly url: string
}

export interface Setting extends Omit<PreviewSources, 'slack'> {
  readonly colorScheme?: 'light' | 'dark'
  readonly width?: number
  readonly path?: string
  /** What is in Slack before the page is opened. */
  readonly fill?: (slack: FakeSlack) => Promise<unknown>
}

/** The page in front of an empty Slack. At its end the console must be silent, and nobody else asked for anything. */
export async function openPreview({ browser }: OpenBrowser, setting: Setting = {}): Promise<OpenPreview> {
  const { colorScheme = 'light', width = 1200, path = '', fill, ...sources } = setting
  await using stack = new AsyncDisposableStack()
  const slack = stack.use(
    await startFakeSlack({ channels: ['shop-deploys', 'payments'], budgets: noBudgets }),
  )
  await fill?.(slack)
  const preview = stack.use(await startPreview({ slack, ...sources }))
  const context = stack.use(
    await browser.newContext({ colorScheme, viewport: { width, height: 900 }, timezoneId: 'UTC' }),
  )
  const complaints: string[] = []
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  page.on('console', (line) => {
    if (line.type() === 'error') complaints.push(line.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url())
    if (protocol !== 'data:' && hostname !== '127.0.0.1') complaints.push(`asked ${request.url()}`)
  })
  await page.goto(`${preview.url}${path}`)
  await page.getByRole('main').waitFor()
  const open = stack.move()
  return {
    slack,
    page,
    url: preview.url,
    async [Symbol.asyncDispose]() {
      await open.disposeAsync()
      assert.deepEqual(complaints, [])
    },
  }
}

interface Violation {
  readonly id: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[]
}

/** What axe-core has to say against the page as it stands. */
export async function accessibilityProblems(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate(
    (): Promise<{ violations: Violation[] }> =>
      (globalThis as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } }).axe.run(),
  )
  return violations.flatMap(({ id, nodes }) =>
    nodes.slice(0, 3).map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  )
}
