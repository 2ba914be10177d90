import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { connectJetStream, type JetStreamConnection, provision } from '@hermod/jetstream'
import type { Finding, RunCommand } from '@hermod/runtime'
import {
  type ControlPlane,
  createNamespace,
  eventually,
  type FakeArtifactory,
  type FakeSlack,
  makeTempFolder,
  type NatsServer,
  type PolicyRule,
  startControlPlane,
  startFakeArtifactory,
  startFakeSlack,
  startNatsServer,
  startProcess,
} from '@hermod/testkit'
import { provisionDoctor } from '../../packages/jetstream/src/provision-doctor.ts'
import { dedupeDoctor } from '../../services/dedupe/src/doctor.ts'
import { notifierDoctor } from '../../services/notifier/src/doctor.ts'
import { watcherDoctor } from '../../services/watcher/src/doctor.ts'
import { asUser, shippedAuthorization } from '../nats-rights/shipped-authorization.ts'

type Env = Readonly<Record<string, string>>

const rights: readonly PolicyRule[] = [
  { apiGroups: [''], resources: ['namespaces'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] },
  { apiGroups: [''], resources: ['events'], verbs: ['list'] },
  { apiGroups: ['apps'], resources: ['deployments', 'replicasets'], verbs: ['list', 'watch'] },
]
const quiet = { debug: ignore, info: ignore, warn: ignore, error: ignore }

describe('doctor', () => {
  const stack = new AsyncDisposableStack()
  let nats: NatsServer
  let monitor: string
  let admin: JetStreamConnection
  let cluster: ControlPlane
  let kubeconfig: string
  let slack: FakeSlack
  let artifactory: FakeArtifactory

  before(async () => {
    const ports = stack.use(await makeTempFolder('ports'))
    const config = [shippedAuthorization('test'), 'http: "127.0.0.1:-1"', `ports_file_dir: "${ports.path}"`]
    nats = stack.use(await startNatsServer({ config: config.join('\n') }))
    monitor = await monitorOf(ports.path)
    admin = stack.use(await connectAs('provision', nats.url))
    await provision(admin, { partitions: 4, replicas: 1 })
    cluster = stack.use(await startControlPlane())
    await createNamespace(cluster.api, 'shop', { 'hermod.uswitch.com/slack': '#shop, deploys' })
    ;({ kubeconfig } = await cluster.createServiceAccount({ name: 'hermod', rules: rights }))
    slack = stack.use(await startFakeSlack({ channels: ['shop', 'deploys'] }))
    artifactory = stack.use(await startFakeArtifactory())
  })
  after(() => stack.disposeAsync())

  const environment = (user: Parameters<typeof asUser>[0], more: Env = {}): Env => ({
    ...asUser(user),
    NATS_URL: nats.url,
    CLUSTER_NAME: 'test',
    KUBECONFIG: kubeconfig,
    SLACK_TOKEN: slack.token,
    SLACK_API_URL: slack.apiUrl,
    SLACK_CHANNEL: 'deploys',
    ARTIFACTORY_URL: `${artifactory.url}/cache`,
    ARTIFACTORY_LOGIN: artifactory.login,
    ...more,
  })
  const provisionSays = async (more: Env = {}): Promise<Said> =>
    await ask(provisionDoctor, environment('provision', more), ['--nats-monitor', monitor])
  const watcherSays = async (more: Env = {}): Promise<Said> =>
    await ask(watcherDoctor, environment('watcher', more))
  const dedupeSays = async (more: Env = {}): Promise<Said> =>
    await ask(dedupeDoctor, environment('dedupe', more))
  const notifierSays = async (more: Env = {}, channels = 'shop'): Promise<Said> =>
    await ask(notifierDoctor, environment('notifier', more), ['--channels', channels])

  test('a healthy set-up has no problem, and everything that was looked at is named', async () => {
    const all = [await provisionSays(), await watcherSays(), await dedupeSays(), await notifierSays()]
    assert.deepEqual(
      all.flatMap(({ findings }) => findings.filter(({ state }) => state !== 'ok')),
      [],
    )
    assert.deepEqual(
      all.map(({ code }) => code),
      [0, 0, 0, 0],
    )
    const looked = all.flatMap(({ findings }) => findings.map(({ about }) => about))
    const expected = [
      'stream OBSERVATIONS',
      'stream DEAD_LETTERS',
      'bucket leases',
      'NATS fsync',
      'API server',
    ]
    expected.push(
      'cluster name test',
      'rights',
      'namespace shop',
      'Artifactory',
      'Slack',
      'scopes',
      'channel shop',
    )
    for (const about of expected) assert.ok(looked.includes(about), about)
    const shop = all[1]?.findings.find(({ about }) => about === 'namespace shop')
    assert.deepEqual(shop?.channels, ['#shop', 'deploys'])
  })

  test('settings that are missing', async () => {
    const said = await notifierSays({ SLACK_TOKEN: '' })
    expectProblem(said, 'setting SLACK_TOKEN', /is not set/, /SLACK_TOKEN_FILE/)
  })

  test('a NATS that is not there: the rest is looked at all the same', async () => {
    const said = await watcherSays({ NATS_URL: 'nats://127.0.0.1:9' })
    expectProblem(said, 'NATS', /127\.0\.0\.1:9/, /check NATS_URL/)
    assert.ok(said.findings.some(({ about, state }) => about === 'rights' && state === 'ok'))
  })

  test('a NATS that does not know us', async () => {
    const said = await dedupeSays({ NATS_PASSWORD: 'not-the-password' })
    expectProblem(said, 'NATS', /authoriz/i, /check NATS_USER and its password/)
  })

  test('a NATS user that lacks its rights', async () => {
    const said = await dedupeSays(asUser('watcher'))
    expectProblem(said, 'bucket specs', /forbids to publish/, /use a user that may/)
  })

  test('a NATS that nobody provisioned, and that does not flush to its disk', async () => {
    await using ports = await makeTempFolder('ports')
    const config = `http: "127.0.0.1:-1"\nports_file_dir: "${ports.path}"`
    await using bare = await startNatsServer({ config, syncAlways: false })
    const bareMonitor = await monitorOf(ports.path)
    const said = await ask(provisionDoctor, { NATS_URL: bare.url }, ['--nats-monitor', bareMonitor])
    expectProblem(said, 'stream ROLLOUTS', /stream not found/, /run hermod-provision/)
    expectProblem(said, 'NATS fsync', /power cut/, /sync_interval: always/)
  })

  test('streams that somebody changed', async () => {
    await using other = await startNatsServer()
    await using connection = await connectJetStream({ servers: [other.url], name: 'test', log: quiet })
    await provision(connection, { partitions: 4, replicas: 1 })
    const { streams } = connection.manager
    await streams.update('ROLLOUTS', { max_age: 1_000_000_000, duplicate_window: 1_000_000_000 })
    await streams.delete('OBSERVATIONS')
    await streams.add({ name: 'OBSERVATIONS', subjects: ['hermod.observation.>'] })
    const said = await ask(provisionDoctor, { NATS_URL: other.url })
    expectProblem(
      said,
      'stream ROLLOUTS',
      /max_age is 1000000000, wanted/,
      /run hermod-provision, which mends it/,
    )
    expectProblem(said, 'stream OBSERVATIONS', /hermod-partitions/, /delete the stream and provision anew/)
  })

  test('a bucket that is nearly full', async () => {
    await using small = await startNatsServer()
    await using connection = await connectJetStream({ servers: [small.url], name: 'test', log: quiet })
    await provision(connection, { partitions: 1, replicas: 1 })
    const half = new Uint8Array(60_000)
    for (let index = 0; index < 220; index++)
      await connection.jetstream.publish(`$KV.clusters.c${index}`, half)
    const said = await ask(provisionDoctor, { NATS_URL: small.url })
    expectProblem(
      said,
      'bucket clusters',
      /7\d % full; a full stream refuses what is new$/,
      /let the watcher see less/,
    )
  })

  test('a pod that was given no identity for the API server', async () => {
    const elsewhere = { KUBECONFIG: '', KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: '9' }
    const none = await watcherSays({ ...elsewhere, SERVICE_ACCOUNT_DIR: '/nowhere' })
    expectProblem(none, 'API server', /ENOENT/, /may reach the API server/)
  })

  test('rights in the cluster that are missing', async () => {
    const rules = rights.filter(({ resources }) => !resources?.includes('pods'))
    const { kubeconfig: poor } = await cluster.createServiceAccount({ name: 'poor', rules })
    const said = await watcherSays({ KUBECONFIG: poor })
    expectProblem(said, 'rights', /may not list pods, watch pods/, /cluster-wide/)
  })

  test('a cluster whose name another one has', async () => {
    await using connection = await connectAs('watcher', nats.url)
    await connection.jetstream.publish('$KV.clusters.test', JSON.stringify({ kubeSystemUid: 'of-another' }))
    const said = await watcherSays()
    expectProblem(said, 'cluster name test', /another cluster goes by it/, /CLUSTER_NAME of its own/)
    await connection.jetstream.publish('$KV.clusters.test', JSON.stringify({ kubeSystemUid: '' }))
  })

  test('an annotation that names no channel', async () => {
    await createNamespace(cluster.api, 'odd', { 'hermod.uswitch.com/slack': 'two*words' })
    const said = await watcherSays()
    expectProblem(said, 'namespace odd', /is no Slack channel/, /write a name like/)
    await cluster.api.delete('/api/v1/namespaces/odd')
    const odd = (): Promise<unknown> => cluster.api.get('/api/v1/namespaces/odd')
    await eventually(() => assert.rejects(odd, /not found/))
  })

  test('a token that Slack refuses', async () => {
    const said = await notifierSays({ SLACK_TOKEN: 'xoxb-nobody-issued-this' })
    expectProblem(said, 'Slack', /invalid_auth/, /bot token of the installed app/)
  })

  test('scopes that the token lacks', async () => {
    await using poor = await startFakeSlack({
      channels: ['shop', 'deploys'],
      scopes: ['chat:write', 'channels:read', 'groups:read'],
    })
    const said = await notifierSays({ SLACK_API_URL: poor.apiUrl, SLACK_TOKEN: poor.token })
    expectProblem(said, 'scope channels:history', /may come twice/, /add channels:history/)
    expectProblem(said, 'channel shop', /cannot be read back/, /add channels:history/)
  })

  test('channels that are not there, are archived, or do not have the bot', async () => {
    slack.addChannel({ name: 'lonely', isMember: false })
    const archived = slack.addChannel({ name: 'old', isArchived: true })
    const said = await notifierSays({}, `nowhere,lonely,${archived.id},two*words`)
    expectProblem(said, 'channel nowhere', /is not there/, /create it, or correct the annotation/)
    expectProblem(said, 'channel lonely', /no member: it may post there, but not read back/, /\/invite/)
    expectProblem(said, `channel ${archived.id}`, /is archived/, /unarchive it/)
    expectProblem(said, 'channel two*words', /no name or id/, /name a channel/)
  })

  test('a Slack that cannot be reached', async () => {
    const said = await notifierSays({ SLACK_API_URL: 'http://127.0.0.1:9/api/' })
    expectProblem(said, 'Slack', /./, /check the way to Slack/)
  })

  test('an Artifactory account that may write but not replace', async () => {
    const [user] = artifactory.users
    assert.ok(user)
    user.rights = ['read', 'deploy']
    const said = await dedupeSays()
    user.rights = ['read', 'deploy', 'delete']
    expectProblem(said, 'Artifactory', /overwrite/, /rights to deploy and to delete/)
    const half = await dedupeSays({ ARTIFACTORY_LOGIN: '' })
    expectProblem(half, 'Artifactory', /ARTIFACTORY_LOGIN is not set/, /set ARTIFACTORY_LOGIN/)
  })

  test('npm run doctor asks all of them and hands the namespaces’ channels to the notifier', async () => {
    const program = join(import.meta.dirname, '..', '..', 'packages', 'sandbox', 'src', 'doctor-main.ts')
    await using open = await startNatsServer()
    await using connection = await connectJetStream({ servers: [open.url], name: 'test', log: quiet })
    await provision(connection, { partitions: 1, replicas: 1 })
    const env = {
      ...environment('reader'),
      NATS_URL: open.url,
      NATS_USER: '',
      NATS_PASSWORD: '',
      PATH: '/usr/bin',
    }
    const { promise, resolve } = Promise.withResolvers<string>()
    execFile(process.execPath, [program, '--json', '--nats-monitor', monitor], { env }, (_, stdout) =>
      resolve(stdout),
    )
    const { ok, reports } = JSON.parse(await promise)
    assert.deepEqual(
      reports.map((report: { process: string }) => report.process),
      ['provision', 'watcher', 'dedupe', 'notifier'],
    )
    assert.equal(ok, true, JSON.stringify(reports))
    assert.ok(reports[3].findings.some(({ about }: Finding) => about === 'channel #shop'))
  })

  test('npm run doctor that is asked wrongly says how to ask, and nothing else', async () => {
    const program = join(import.meta.dirname, '..', '..', 'packages', 'sandbox', 'src', 'doctor-main.ts')
    await using asked = await startProcess(process.execPath, [program, '--colour'])
    await eventually(() => assert.equal(asked.exitCode, 2, asked.output), { timeoutMs: 30_000 })
    assert.match(asked.output, /^doctor: Unknown option '--colour':\nusage: doctor \[--json\][^]*$/)
    assert.doesNotMatch(asked.output, /^ +at /m)
  })
})

interface Said {
  readonly code: number
  readonly findings: readonly Finding[]
}

async function ask(run: RunCommand, env: Env, args: readonly string[] = []): Promise<Said> {
  let said = ''
  const code = await run({
    env,
    args: ['--json', ...args],
    print: (line) => (said += line),
    complain: (line) => assert.fail(line),
    signal: new AbortController().signal,
  })
  return { code, ...(JSON.parse(said) as { findings: readonly Finding[] }) }
}

function expectProblem({ code, findings }: Said, about: string, detail: RegExp, remedy: RegExp): void {
  const found = findings.filter((finding) => finding.about === about && finding.state === 'problem')
  const match = found.find((finding) => detail.test(finding.detail))
  assert.ok(match, JSON.stringify(findings, undefined, 1))
  assert.match(match.remedy ?? '', remedy)
  assert.equal(code, 1)
}

async function connectAs(user: Parameters<typeof asUser>[0], url: string): Promise<JetStreamConnection> {
  const { NATS_PASSWORD: password } = asUser(user)
  const credentials = () => ({ kind: 'password', user, password }) as const
  return await connectJetStream({ servers: [url], user, credentials, name: 'test', log: quiet })
}

/** Where the server's monitoring port is: it writes its ports into a file. */
async function monitorOf(folder: string): Promise<string> {
  return await eventually(async () => {
    const [file] = (await readdir(folder)).filter((name) => name.endsWith('.ports'))
    const { monitoring }: { monitoring: readonly string[] } = JSON.parse(
      await readFile(join(folder, file ?? ''), 'utf8'),
    )
    return monitoring[0] ?? assert.fail('no monitoring port yet')
  })
}

function ignore(): void {}
