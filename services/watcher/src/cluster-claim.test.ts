import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JetStreamConnection } from '@hermod/jetstream'
import { claimClusterName } from './cluster-claim.ts'
import { serveCollections } from './testing/served-collections.ts'

const claim = async (status: number): Promise<void> => {
  const { signal } = new AbortController()
  // Nothing is asked of NATS where nothing was learnt of the cluster.
  const connection = {} as JetStreamConnection
  await claimClusterName({ transport: serveCollections(() => status), connection, cluster: 'test', signal })
}

test('where kube-system may not be read nothing is checked', async () => await claim(403))

test('where there is no kube-system nothing is checked', async () => await claim(404))

test('an API server that has no answer for us is asked again, not taken for one that forbids it', async () => {
  await assert.rejects(claim(503), /kube-system: 503/)
})
