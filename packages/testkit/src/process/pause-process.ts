import { readdirSync, readFileSync } from 'node:fs'
import { platform } from 'node:os'
import type { RunningProcess } from './start-process.ts'

/** Stops a process (SIGSTOP) and returns when none of its threads runs any more, which the signal alone does not say. */
export function pauseProcess(target: RunningProcess): void {
  target.signal('SIGSTOP')
  while (target.running && !isStopped(target.pid)) continue
}

function isStopped(pid: number): boolean {
  // Elsewhere nothing tells: the signal is trusted.
  if (platform() !== 'linux') return true
  const tasks = `/proc/${pid}/task`
  try {
    return readdirSync(tasks).every((task) => /\) [TZX] /.test(readFileSync(`${tasks}/${task}/stat`, 'utf8')))
  } catch {
    // A thread that ended between the two looks; or all of them.
    return !isThere(tasks)
  }
}

function isThere(folder: string): boolean {
  try {
    return readdirSync(folder).length > 0
  } catch {
    return false
  }
}
