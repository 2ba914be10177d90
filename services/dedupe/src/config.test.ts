import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readSettings } from '@hermod/runtime'
import { cacheConfig, type DedupeConfig, dedupeSettings } from './config.ts'

function configFrom(env: Readonly<Record<string, string>>): DedupeConfig {
  const openFile = (): never => assert.fail('no file was named')
  const read = readSettings({ env, argv: [], openFile }, dedupeSettings)
  assert.ok(read.ok)
  return read.config
}

const cache = { ARTIFACTORY_URL: 'https://artifactory.example/cache', ARTIFACTORY_LOGIN: 'user:pass:word' }

test('without address or login there is no cache', () => {
  for (const missing of ['ARTIFACTORY_URL', 'ARTIFACTORY_LOGIN']) {
    assert.equal(cacheConfig(configFrom({ ...cache, [missing]: '' })), undefined)
  }
})

test('the cache is of this cluster unless another is named, in the names that deploy-notifier gave', () => {
  const { cluster, ownNamespace, login } = cacheConfig(configFrom(cache)) ?? assert.fail()
  assert.deepEqual([cluster, ownNamespace], ['default', 'default-namespace'])
  assert.equal(login.reveal(), 'user:pass:word')
  const named = configFrom({ ...cache, CLUSTER_NAME: 'prod-eu', OWN_NAMESPACE: 'platform' })
  assert.deepEqual(cacheConfig(named)?.cluster, 'prod-eu')
  assert.deepEqual(cacheConfig({ ...named, cacheCluster: 'prod-us' })?.cluster, 'prod-us')
})
