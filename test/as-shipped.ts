import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { makeTempFolder, type TempFolder } from '@hermod/testkit'

/** The services' bundles as images ship them, in a folder of their own. */
export async function bundlePrograms(): Promise<TempFolder> {
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await makeTempFolder('bundles'))
  await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'bundle.ts'), folder.path])
  stack.move()
  return folder
}
