import { closeSync, constants, ftruncateSync, openSync, writeSync } from 'node:fs'

const mostBytes = 4096

/**
 * Leaves the last words where the kubelet picks them up, for `kubectl describe pod` to show. The file is never
 * made, since outside a pod there is none, and takes 4,096 bytes, the kubelet's limit.
 */
export function writeTerminationMessage(path: string, text: string): void {
  const bytes = new Uint8Array(mostBytes)
  const { written } = new TextEncoder().encodeInto(text, bytes)
  try {
    const file = openSync(path, constants.O_WRONLY)
    try {
      ftruncateSync(file)
      writeSync(file, bytes.subarray(0, written))
    } finally {
      closeSync(file)
    }
  } catch {
    // The log or stderr has the same words.
  }
}
