import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import {
  type ControlPlane,
  eventually,
  makeTempFolder,
  startControlPlane,
  startKubelet,
  startNatsServer,
} from '@hermod/testkit'
import { provisionOnce } from '../pipeline/pipeline.ts'
import { Operator } from '../pipeline/played-deployments.ts'
import { startService } from '../pipeline/service-process.ts'
import { type Manifest, readOverlay, sharedVariables } from './shipped-manifests.ts'

const watcherUser = 'system:serviceaccount:hermod:hermod'

/** Runs the watcher with the rights of an overlay alone, while a rollout hangs in `namespace`: all that it asks for. */
async function askedWith(manifests: readonly Manifest[], namespace: string): Promise<readonly Asked[]> {
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await makeTempFolder('audit')).path
  const audit = new AuditLog(join(folder, 'audit.log'))
  const policy = join(folder, 'policy.json')
  await writeFile(policy, JSON.stringify(auditPolicy))
  const controlPlane = stack.use(
    await startControlPlane({
      apiServerFlags: [
        `--audit-policy-file=${policy}`,
        `--audit-log-path=${audit.path}`,
        // A server without WatchList is asked for all that any server is asked for.
        '--feature-gates=WatchList=false',
      ],
    }),
  )
  stack.use(await startKubelet(controlPlane, { plan: () => ({ outcome: 'mount-fails' }) }))
  const nats = stack.use(await startNatsServer())
  await provisionOnce(nats.url)
  const operator = new Operator(controlPlane.api)
  await operator.createNamespace(namespace, 'deploys')
  for (const manifest of manifests) await createIfRights(controlPlane, manifest)
  // Its pods wait for a volume: only their Events say why, so everything is looked at.
  await operator.create({ namespace, name: 'web' })

  const account = stack.use(await mountServiceAccount(controlPlane))
  const { hostname, port } = new URL(controlPlane.url)
  const watcher = stack.use(
    await startService('watcher', {
      ...sharedVariables(manifests),
      NATS_URL: nats.url,
      KUBERNETES_SERVICE_HOST: hostname,
      KUBERNETES_SERVICE_PORT: port,
      SERVICE_ACCOUNT_DIR: account.path,
    }),
  )
  await eventually(async () => assert.equal((await watcher.readiness()).ready, true, watcher.log), {
    timeoutMs: 30_000,
  })
  await eventually(
    async () => {
      const seen = allowedOf(await audit.read())
      for (const what of ['list events', 'watch pods', 'watch replicasets', 'watch deployments'])
        assert.ok(seen.includes(what), `nobody asked to ${what}, but to ${seen.join(', ')}`)
    },
    { timeoutMs: 60_000 },
  )
  return await audit.read()
}

// Beside each other: most of the time they wait until the watcher looks again.
describe('the watcher with the rights of its ServiceAccount', { concurrency: true }, () => {
  test('for the whole cluster, every right is used and none is missing', async () => {
    const manifests = await readOverlay('cluster-wide')
    const asked = await askedWith(manifests, 'whole')
    assert.deepEqual(refusedOf(asked), [])
    assert.deepEqual(allowedOf(asked), grantedBy(manifests, 'ClusterRole'))
  })

  test('for named namespaces, every right is used, none is missing, and nothing is asked outside of them', async () => {
    const manifests = await readOverlay('per-namespace')
    const asked = await askedWith(manifests, 'shop')
    assert.deepEqual(refusedOf(asked), [])
    assert.deepEqual(allowedOf(asked), grantedBy(manifests, 'Role'))
    assert.deepEqual([...new Set(asked.map((each) => each.namespace))], ['shop'])
  })
})

interface Asked {
  readonly verb: string
  readonly resource: string
  readonly namespace: string | undefined
  readonly name: string | undefined
  readonly allowed: boolean
}

function grantedBy(manifests: readonly Manifest[], kind: string): readonly string[] {
  const roles = manifests.filter((manifest) => manifest.kind === kind)
  return unique(
    roles.flatMap(({ rules = [] }) =>
      rules.flatMap(({ resources = [], verbs }) =>
        resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}`)),
      ),
    ),
  )
}

function allowedOf(asked: readonly Asked[]): readonly string[] {
  return unique(asked.filter(({ allowed }) => allowed).map(({ verb, resource }) => `${verb} ${resource}`))
}

function refusedOf(asked: readonly Asked[]): readonly string[] {
  const refused = asked.filter(({ allowed }) => !allowed)
  return unique(refused.map(({ verb, resource, name = '' }) => `${verb} ${resource} ${name}`.trim()))
}

function unique(words: readonly string[]): readonly string[] {
  return [...new Set(words)].sort()
}

// A watch is told of at its start, everything else at its end.
const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata', users: [watcherUser] }, { level: 'None' }],
}

interface AuditEvent {
  readonly verb: string
  readonly objectRef?: { readonly resource: string; readonly namespace?: string; readonly name?: string }
  readonly annotations?: Readonly<Record<string, string>>
}

/** What the API server was asked by the watcher, in its own words. */
class AuditLog {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  async read(): Promise<readonly Asked[]> {
    const text = await readFile(this.path, 'utf8')
    const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n')
    return lines.filter(Boolean).map((line) => {
      const { verb, objectRef, annotations } = JSON.parse(line) as AuditEvent
      return {
        verb,
        resource: objectRef?.resource ?? '',
        namespace: objectRef?.namespace,
        name: objectRef?.name,
        allowed: annotations?.['authorization.k8s.io/decision'] === 'allow',
      }
    })
  }
}

const rightsKinds: Readonly<Record<string, string>> = {
  Namespace: '/api/v1/namespaces',
  ServiceAccount: '/api/v1/namespaces/{}/serviceaccounts',
  ClusterRole: '/apis/rbac.authorization.k8s.io/v1/clusterroles',
  ClusterRoleBinding: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
  Role: '/apis/rbac.authorization.k8s.io/v1/namespaces/{}/roles',
  RoleBinding: '/apis/rbac.authorization.k8s.io/v1/namespaces/{}/rolebindings',
}

async function createIfRights({ api }: ControlPlane, manifest: Manifest): Promise<void> {
  const { kind, metadata } = manifest
  const path = rightsKinds[kind]?.replace('{}', metadata.namespace ?? '')
  if (path === undefined) return
  const there = await api.list(path)
  if (!there.items.some(({ metadata: { name } }) => name === metadata.name)) await api.create(path, manifest)
}

/** The folder that a pod of this ServiceAccount finds at /var/run/secrets/kubernetes.io/serviceaccount. */
async function mountServiceAccount({
  api,
  ca,
}: ControlPlane): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await makeTempFolder('service-account')
  const path = '/api/v1/namespaces/hermod/serviceaccounts/hermod/token'
  const { status } = await api.create<{ status: { token: string } }>(path, {
    spec: { expirationSeconds: 3600 },
  })
  await writeFile(join(folder.path, 'token'), status.token)
  await writeFile(join(folder.path, 'ca.crt'), ca)
  return folder
}
