// Owns the page's script and style: made once, at the first request, and kept in memory.
import { join } from 'node:path'
import { build, stop } from 'esbuild'

export interface Asset {
  readonly type: string
  readonly body: string
}

export type Assets = Readonly<Record<'/app.js' | '/app.css', Asset>>

const browser = join(import.meta.dirname, 'browser')

let made: Promise<Assets> | undefined

/** Throws with esbuild's own words. */
export function bundleForBrowser(): Promise<Assets> {
  made ??= bundle()
  return made
}

async function bundle(): Promise<Assets> {
  const { outputFiles } = await build({
    entryPoints: [
      { in: join(browser, 'main.tsx'), out: 'app' },
      { in: join(browser, 'style.css'), out: 'app' },
    ],
    outdir: '/',
    bundle: true,
    write: false,
    // Also what makes React leave out its checks for development.
    minify: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    logLevel: 'silent',
  })
  // Its process would wait for another build until the end of ours.
  await stop()
  const text = (ending: string): string => outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? ''
  return {
    '/app.js': { type: 'text/javascript; charset=utf-8', body: text('.js') },
    '/app.css': { type: 'text/css; charset=utf-8', body: text('.css') },
  }
}
