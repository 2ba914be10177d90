import { closeSync, constants, ftruncateSync, openSync, writeSync } from 'node:fs'

const mostBytes = 4096

/**
 * Leaves the last words where the kubelet picks them up (`kubectl describe pod` shows them). The file is never
 * made: outside a pod there is none. At most 4,096 bytes, the kubelet's limit.
 */
export function writeTerminationMessage(path: string, text: string): void {
  try {
    const file = openSync(path, constants.O_WRONLY)
    try {
      ftruncateSync(file)
      writeSync(file, Buffer.from(text).subarray(0, mostBytes))
    } finally {
      closeSync(file)
    }
  } catch {
    // The same words are on stderr or in the log.
  }
}
