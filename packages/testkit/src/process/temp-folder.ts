import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { guardFolder } from './guardian.ts'

export interface TempFolder extends AsyncDisposable {
  readonly path: string
}

/** A new folder of our own (mode 0700) that is gone after dispose, and also when this process is killed. */
export async function makeTempFolder(name: string): Promise<TempFolder> {
  const path = await mkdtemp(join(tmpdir(), `hermod-${name}-`))
  const release = guardFolder(path)
  return {
    path,
    async [Symbol.asyncDispose]() {
      await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
      release()
    },
  }
}
