import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Scope } from './scope.ts'
import { quietHealth } from './testing/quiet-health.ts'
import { serveCollections } from './testing/served-collections.ts'
import { readNamespaces } from './watch-namespaces.ts'

const slack = { 'hermod.uswitch.com/slack': 'deploys' }

test('nothing is told before the annotations of each named namespace were answered', async () => {
  const answers: (number | object)[] = [503, { metadata: { name: 'shop', annotations: slack } }, 403]
  const transport = serveCollections(() => answers.shift() ?? 500)
  const scope = new Scope({ named: ['shop', 'vault'], annotated: false })
  const stop = new AbortController()
  const { signal } = stop
  const known: unknown[] = []
  const listed = (): void => {
    known.push(scope.annotationsOf('shop'), scope.annotationsOf('vault'))
    stop.abort()
  }
  const changed = (): void => undefined
  await readNamespaces(['shop', 'vault'], {
    transport,
    scope,
    health: quietHealth(),
    signal,
    changed,
    listed,
  })
  assert.deepEqual(known, [slack, undefined])
})
