import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'

const sqliteBusy = 5

/**
 * Holds a lock that excludes every other process on this machine until it is disposed.
 * SQLite takes it as a lock of the kernel: when its holder is killed it is free, so there is no stale lock to judge.
 */
export async function lockExclusively(file: string, onWait: () => void): Promise<Disposable> {
  await mkdir(dirname(file), { recursive: true })
  for (let waited = false; ; waited = true) {
    const lock = tryLock(file)
    if (lock) return { [Symbol.dispose]: () => lock.close() }
    if (!waited) onWait()
    await delay(100)
  }
}

function tryLock(file: string): DatabaseSync | undefined {
  const database = new DatabaseSync(file, { timeout: 0 })
  try {
    database.exec('BEGIN EXCLUSIVE')
    return database
  } catch (error) {
    database.close()
    if (error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy) return undefined
    throw error
  }
}
