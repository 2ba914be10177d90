import { execFile } from 'node:child_process'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { makeTempFolder, type TempFolder } from '@hermod/testkit'

const root = join(import.meta.dirname, '..')

/** The services' bundles as images ship them, in a folder that later edits and bundles leave alone. */
export async function bundlePrograms(): Promise<TempFolder> {
  await promisify(execFile)(process.execPath, [join(root, 'test', 'bundle.ts')])
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await makeTempFolder('bundles'))
  await cp(join(root, 'dist'), folder.path, { recursive: true })
  stack.move()
  return folder
}
