import { readFileSync } from 'node:fs'

/** Whether the process still runs; one that ended and was not collected by its parent (a zombie) does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    // No /proc on this system, or it ended between the two looks: then the next one tells.
    return true
  }
}
