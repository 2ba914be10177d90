import { cp } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { makeTempFolder, type TempFolder } from '@hermod/testkit'
import { obtainBundles } from '../../packages/sandbox/src/bundles.ts'
import { homePaths } from '../../packages/sandbox/src/sandbox-home.ts'

const root = join(import.meta.dirname, '..', '..')

const everyImage = ['watcher', 'dedupe', 'notifier', 'provision', 'sandbox']

/** The bundles as images ship them, made once for all tests, in a folder of their own. */
export async function bundlePrograms(): Promise<TempFolder> {
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await makeTempFolder('bundles'))
  const { HERMOD_HOME: home, XDG_CACHE_HOME: xdgCacheHome } = process.env
  const cache = homePaths(
    { home: home || undefined, xdgStateHome: undefined, xdgCacheHome },
    homedir(),
  ).bundles
  await cp(await obtainBundles(root, cache, () => undefined, everyImage), folder.path, { recursive: true })
  stack.move()
  return folder
}
