import type { SnapshotEntry } from '@hermod/contracts'

export interface SnapshotPiece {
  readonly namespaces: readonly string[]
  readonly deployments: readonly SnapshotEntry[]
}

// A message may have 128 KiB; the rest is for its envelope.
const mostBytes = 120 * 1024

/** What the end of a snapshot lists, in pieces that each fit into one message; at least one. */
export function snapshotPieces(
  namespaces: readonly string[],
  deployments: readonly SnapshotEntry[],
): readonly SnapshotPiece[] {
  const pieces: { namespaces: string[]; deployments: SnapshotEntry[] }[] = []
  let piece = { namespaces: [] as string[], deployments: [] as SnapshotEntry[] }
  let bytes = 0
  pieces.push(piece)
  const roomFor = (entry: unknown): void => {
    const size = JSON.stringify(entry).length + 1
    if (bytes + size > mostBytes) {
      piece = { namespaces: [], deployments: [] }
      pieces.push(piece)
      bytes = 0
    }
    bytes += size
  }
  for (const namespace of namespaces) {
    roomFor(namespace)
    piece.namespaces.push(namespace)
  }
  for (const { namespace, name, uid } of deployments) {
    const entry = { namespace, name, uid }
    roomFor(entry)
    piece.deployments.push(entry)
  }
  return pieces
}
