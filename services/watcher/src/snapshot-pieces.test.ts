import assert from 'node:assert/strict'
import { test } from 'node:test'
import { snapshotPieces } from './snapshot-pieces.ts'

test('an empty snapshot is one piece', () => {
  assert.deepEqual(snapshotPieces([], []), [{ namespaces: [], deployments: [] }])
})

test('pieces fit into a message and together say everything, in order', () => {
  const namespaces = Array.from({ length: 1_000 }, (_, index) => `n${index}`.padEnd(63, 'x'))
  const deployments = Array.from({ length: 2_000 }, (_, index) => ({
    namespace: 'n',
    name: `${index}`.padEnd(253, 'x'),
    uid: `u${index}`,
  }))
  const pieces = snapshotPieces(namespaces, deployments)
  assert.ok(pieces.length > 4)
  for (const piece of pieces) assert.ok(JSON.stringify(piece).length <= 128 * 1_024)
  assert.deepEqual(
    pieces.flatMap((piece) => piece.namespaces),
    namespaces,
  )
  assert.deepEqual(
    pieces.flatMap((piece) => piece.deployments),
    deployments,
  )
})
