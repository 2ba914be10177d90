import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readSettings } from '@hermod/runtime'
import { checkWatcherConfig, type WatcherConfig, watcherSettings } from './config.ts'

function read(env: Readonly<Record<string, string>>, argv: readonly string[] = []): WatcherConfig {
  const source = { env: { ...env }, argv, openFile: () => ({ ok: false, problem: 'none' }) as const }
  const settings = readSettings<WatcherConfig>(source, watcherSettings)
  assert.ok(settings.ok, JSON.stringify(settings))
  return settings.config
}

test('namespaces are separated by white space, as deploy-notifier had them', () => {
  assert.deepEqual(read({ NAMESPACES: ' shop\tbank\nvault ' }).namespaces, ['shop', 'bank', 'vault'])
})

test('a kubeconfig is named by its flag, by KUBE_CONFIG or by KUBECONFIG', () => {
  assert.equal(read({ KUBECONFIG: 'a' }).kubeconfig, 'a')
  assert.equal(read({ KUBECONFIG: 'a', KUBE_CONFIG: 'b' }).kubeconfig, 'b')
  assert.equal(read({ KUBE_CONFIG: 'b' }, ['--kubeconfig', 'c']).kubeconfig, 'c')
})

test("hermod's flags carry over", () => {
  const config = read({}, [
    '-commit-sha-annotation',
    'a/sha',
    '--repo-url-annotation=a/repo',
    '--git-annotation-warning',
  ])
  assert.equal(config.commitShaAnnotation, 'a/sha')
  assert.equal(config.repoUrlAnnotation, 'a/repo')
  assert.equal(config.gitAnnotationWarning, true)
})

test('without a cluster, or with nothing to watch, the remedy is named', () => {
  assert.deepEqual(checkWatcherConfig(read({ KUBERNETES_SERVICE_HOST: '10.0.0.1' })), [])
  const problems = checkWatcherConfig(read({ ANNOTATED_NAMESPACES: 'false' }))
  assert.deepEqual(
    problems.map(({ name }) => name),
    ['KUBECONFIG', 'NAMESPACES'],
  )
})

test('a name that no namespace can have is told to whoever wrote it', () => {
  const config = read({ KUBECONFIG: 'a', NAMESPACES: 'shop,bank Vault * ../x n1' })
  const [problem] = checkWatcherConfig(config)
  assert.equal(problem?.name, 'NAMESPACES')
  assert.match(problem?.problem ?? '', /: shop,bank Vault \.\.\/x$/)
})
