/**
 * Owns the cache of the bundles that `npm start` runs: the services as they are shipped, and the page.
 *
 * 1. A folder is named after what it was made of: bundles of other sources are never taken for these.
 * 2. It is made under another name and renamed when it is whole, so half of one is never found.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { FatalError } from '@hermod/runtime'
import { guardGroup } from '@hermod/testkit'

const sources = [
  '{services,packages}/*/src/**/*.{ts,tsx,css}',
  '{services,packages}/*/package.json',
  'pnpm-lock.yaml',
  'test/{bundle,bill-of-materials}.ts',
]
const ofStart = ['watcher', 'dedupe', 'notifier', 'provision']
const keptMs = 7 * 24 * 3_600_000

/** The folder in `cache` with the bundles of `root` as it is now; made first where nobody has it yet, which is told. */
export async function obtainBundles(
  root: string,
  cache: string,
  tell: (line: string) => void,
  processes: readonly string[] = ofStart,
): Promise<string> {
  const folder = join(cache, fingerprint(root, processes))
  if (existsSync(folder)) {
    utimesSync(folder, new Date(), new Date())
    return folder
  }
  tell('bundling the services as they are shipped, some seconds after each change of them …')
  mkdirSync(cache, { recursive: true })
  removeOld(cache)
  const partial = `${folder}.${process.pid}.partial`
  await bundle(root, partial, processes)
  try {
    renameSync(partial, folder)
  } catch (error) {
    // Another run was quicker, or it could not be done at all.
    rmSync(partial, { recursive: true, force: true })
    if (!existsSync(folder)) throw error
  }
  return folder
}

function fingerprint(root: string, processes: readonly string[]): string {
  const hash = createHash('sha256').update(`${process.version} ${processes.join(' ')}\0`)
  const files = globSync(sources, { cwd: root }).filter((file) => !/\.test\.ts$|\/testing\//.test(file))
  for (const file of files.sort()) hash.update(`${file}\0`).update(readFileSync(join(root, file)))
  return hash.digest('hex').slice(0, 16)
}

function removeOld(cache: string): void {
  for (const name of readdirSync(cache)) {
    const folder = join(cache, name)
    // Another run may have just renamed it.
    const made = statSync(folder, { throwIfNoEntry: false })
    if (made && Date.now() - made.mtimeMs > keptMs) rmSync(folder, { recursive: true, force: true })
  }
}

async function bundle(root: string, output: string, processes: readonly string[]): Promise<void> {
  const bundling = spawn(process.execPath, ['test/images/bundle.ts', output, ...processes], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
    // Ctrl-C is for us: we end it then, and what it has failed with is no news.
    detached: true,
  })
  if (bundling.pid !== undefined) bundling.once('exit', guardGroup(bundling.pid))
  const [said, [code]] = await Promise.all([text(bundling.stderr), once(bundling, 'exit')])
  if (code === 0) return
  rmSync(output, { recursive: true, force: true })
  if (/no space left on device|ENOSPC/i.test(said))
    throw new FatalError(`there is no room left for ${output}`, {
      remedy: 'make some, or set HERMOD_HOME to a folder where there is',
    })
  throw new FatalError(`the services could not be bundled:\n${said.trim()}`, {
    remedy: 'run npm run bundle and mend it',
  })
}
