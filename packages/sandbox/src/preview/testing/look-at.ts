import assert from 'node:assert/strict'
import type { OpenBrowser } from '@hermod/testkit'
import axe from 'axe-core'

export type Page = Awaited<ReturnType<OpenBrowser['browser']['newPage']>>

export interface LookedAt extends AsyncDisposable {
  readonly page: Page
}

/** A page in a browser. At its end the console must be silent, and nobody but loopback asked for anything. */
export async function lookAt(
  { browser }: OpenBrowser,
  url: string,
  { colorScheme = 'light', width = 1200 }: { colorScheme?: 'light' | 'dark'; width?: number } = {},
): Promise<LookedAt> {
  await using stack = new AsyncDisposableStack()
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
  await page.goto(url)
  await page.getByRole('main').waitFor()
  const open = stack.move()
  return {
    page,
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
