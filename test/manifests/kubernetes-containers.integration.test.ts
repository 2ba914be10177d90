import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { eventually, makeTempFolder, type RunningProcess, startProcess } from '@hermod/testkit'
import { readInstallation, sharedVariables, type Workload, workloadsOf } from './shipped-manifests.ts'

/** What the Secrets of an installation hold, by the path that the manifests mount it at. */
const secrets: Readonly<Record<string, string>> = {
  '/secrets/nats/password': 'any-password',
  '/secrets/nats-ca/ca.crt': '',
  '/secrets/slack/token': 'xoxb-any-token',
  '/secrets/artifactory/login': 'user:password',
}

const root = join(import.meta.dirname, '..', '..')

const programs: Readonly<Record<string, string>> = {
  provision: 'packages/jetstream/src/provision-main.ts',
  watcher: 'services/watcher/src/main.ts',
  dedupe: 'services/dedupe/src/main.ts',
  notifier: 'services/notifier/src/main.ts',
}

type Variables = Readonly<Record<string, string | undefined>>

describe('a container of the manifests', { concurrency: 4 }, () => {
  const stack = new AsyncDisposableStack()
  const workloads = new Map<string, Workload>()
  let shared: Variables
  let folder: string

  before(async () => {
    const manifests = await readInstallation(['nats', 'nats-tls', 'cluster-wide', 'artifactory'])
    for (const workload of workloadsOf(manifests)) workloads.set(workload.name, workload)
    shared = sharedVariables(manifests)
    folder = stack.use(await makeTempFolder('containers')).path
    for (const [path, text] of Object.entries(secrets)) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await writeFile(join(folder, path), text)
    }
  })
  after(() => stack.disposeAsync())

  /** What a pod of the installation gives this process, changed as said; a variable that is undefined is not set. */
  const run = async (name: string, change: Variables = {}): Promise<Container> => {
    const { args = [], env = [] } = workloads.get(name)?.container ?? {}
    const own = env.flatMap(({ name: variable, value }) => (value === undefined ? [] : [[variable, value]]))
    // The address of the API server is Kubernetes' own to give.
    const all: Variables = {
      KUBERNETES_SERVICE_HOST: '10.0.0.1',
      ...shared,
      ...Object.fromEntries(own),
      ...change,
    }
    const placed = Object.entries(all).map(([key, value]) => [
      key,
      value?.replace(/^\/secrets\//, `${folder}/secrets/`),
    ])
    const terminationLog = join(folder, `termination-log-${randomUUID()}`)
    await writeFile(terminationLog, '')
    const container = {
      ...Object.fromEntries(placed),
      HTTP_HOST: '127.0.0.1',
      HTTP_PORT: change['HTTP_PORT'] ?? '0',
      TERMINATION_LOG: terminationLog,
    }
    const running = await startProcess(process.execPath, [join(root, programs[name] ?? ''), ...args], {
      env: container,
    })
    return Object.assign(running, { lastWords: () => readFile(terminationLog, 'utf8') })
  }

  for (const name of Object.keys(programs))
    test(`${name} starts with what it is given`, async () => {
      await using running = await run(name)
      await eventually(() => assert.match(running.output, /"msg":"starting"/), { timeoutMs: 30_000 })
    })

  const wrong: readonly (readonly [title: string, name: string, change: Variables, says: RegExp])[] = [
    [
      'notifier without its token',
      'notifier',
      { SLACK_TOKEN_FILE: undefined },
      /SLACK_TOKEN is not set: .*SLACK_TOKEN_FILE/,
    ],
    [
      'notifier whose Secret is not mounted',
      'notifier',
      { SLACK_TOKEN_FILE: '/nowhere/token' },
      /SLACK_TOKEN_FILE .*\/nowhere\/token/,
    ],
    [
      'dedupe with an address that is none',
      'dedupe',
      { ARTIFACTORY_URL: 'artifactory' },
      /ARTIFACTORY_URL .*artifactory/,
    ],
    ['watcher outside a cluster', 'watcher', { KUBERNETES_SERVICE_HOST: undefined }, /KUBECONFIG is not set/],
    ['watcher with no namespace at all', 'watcher', { ANNOTATED_NAMESPACES: 'false' }, /NAMESPACES/],
    ['watcher with a port that is none', 'watcher', { HTTP_PORT: 'http' }, /HTTP_PORT .*http/],
    [
      'provision with a number that is none',
      'provision',
      { NATS_REPLICAS: 'three' },
      /NATS_REPLICAS .*three/,
    ],
    ['provision with a password and no user', 'provision', { NATS_USER: undefined }, /NATS_USER/],
  ]
  for (const [title, name, change, says] of wrong)
    test(`${title} ends with 2, and says why in its log and in the message of its pod`, async () => {
      await using running = await run(name, change)
      await eventually(() => assert.equal(running.running, false, running.output), { timeoutMs: 30_000 })
      assert.equal(running.exitCode, 2)
      assert.match(running.output, says)
      assert.match(await running.lastWords(), says)
    })
})

interface Container extends RunningProcess {
  lastWords(): Promise<string>
}
