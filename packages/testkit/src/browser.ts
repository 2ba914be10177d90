// Owns one headless Chromium.
import type { Browser } from 'playwright-core'
import { type Environment, hostEnvironment } from './environment.ts'
import { chromiumTool } from './tools/chromium.ts'
import { obtain } from './tools/obtain.ts'

export interface OpenBrowser extends AsyncDisposable {
  /** Playwright's own: `newContext`, `newPage` and all that they have. */
  readonly browser: Browser
}

/** Throws ToolUnavailable where there is none, and an error with the browser's own words where it does not run. */
export async function openBrowser(): Promise<OpenBrowser> {
  // Imported late: whoever starts no browser is spared 50 MiB.
  const { chromium } = await import('playwright-core')
  const executablePath = await obtain(chromiumTool)
  // Chromium refuses to sandbox itself for root; what it is shown here comes from this machine alone.
  const args = ['--no-zygote', '--disable-gpu']
  // Without a language of the machine, Chromium names one that its own Intl refuses.
  const env = { ...definedOnly(hostEnvironment()), LC_ALL: 'en_US.UTF-8' }
  try {
    const browser = await chromium.launch({ executablePath, args, env, chromiumSandbox: false })
    return { browser, [Symbol.asyncDispose]: () => browser.close() }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(
      `${executablePath} does not run: ${reason}\nWhere a shared library is named as missing, install it (libnss3 on most machines).`,
      { cause },
    )
  }
}

function definedOnly(env: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}
