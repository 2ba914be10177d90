import { type FakeSlack, noBudgets, type OpenBrowser, startFakeSlack } from '@hermod/testkit'
import type { PreviewSources } from '../preview.ts'
import { startPreview } from '../preview-server.ts'
import { lookAt, type Page } from './look-at.ts'

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
export async function openPreview(browser: OpenBrowser, setting: Setting = {}): Promise<OpenPreview> {
  const { colorScheme = 'light', width = 1200, path = '', fill, ...sources } = setting
  await using stack = new AsyncDisposableStack()
  const slack = stack.use(
    await startFakeSlack({ channels: ['shop-deploys', 'payments'], budgets: noBudgets }),
  )
  await fill?.(slack)
  const preview = stack.use(await startPreview({ slack, ...sources }))
  const { page } = stack.use(await lookAt(browser, `${preview.url}${path}`, { colorScheme, width }))
  const open = stack.move()
  return { slack, page, url: preview.url, [Symbol.asyncDispose]: () => open.disposeAsync() }
}
