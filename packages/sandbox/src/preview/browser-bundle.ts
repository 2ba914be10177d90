// Owns the page's script and style, kept in memory: from a folder where they were bundled, else bundled now.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

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

/** Of `npm run bundle`. */
export async function readAssets(folder: string): Promise<Assets> {
  const [script, style] = await Promise.all(
    ['app.js', 'app.css'].map((name) => readFile(join(folder, name), 'utf8')),
  )
  return assetsOf(script, style)
}

async function bundle(): Promise<Assets> {
  // Imported only where there is no bundle: the shipped one comes without it.
  const { build, stop } = await import('esbuild')
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
  return assetsOf(text('.js'), text('.css'))
}

function assetsOf(script = '', style = ''): Assets {
  return {
    '/app.js': { type: 'text/javascript; charset=utf-8', body: script },
    '/app.css': { type: 'text/css; charset=utf-8', body: style },
  }
}
