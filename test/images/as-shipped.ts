import { readFileSync } from 'node:fs'
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

/** The flags that the images give to Node: what is tested and measured is what ships. */
export function environmentOfTheImage(): Readonly<Record<string, string>> {
  const dockerfile = readFileSync(join(import.meta.dirname, '../../services/Dockerfile'), 'utf8')
  const [, options = '', arenas = ''] =
    /^ENV NODE_OPTIONS="([^"]*)" MALLOC_ARENA_MAX=(\d+)$/m.exec(dockerfile) ?? []
  if (options === '') throw new Error('services/Dockerfile sets no NODE_OPTIONS as it is read here')
  return { NODE_OPTIONS: options, MALLOC_ARENA_MAX: arenas, NODE_ENV: 'production' }
}
