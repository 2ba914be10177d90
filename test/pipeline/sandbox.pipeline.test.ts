import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import {
  eventually,
  isAlive,
  makeTempFolder,
  type RunningProcess,
  startFakeSlack,
  startProcess,
} from '@hermod/testkit'
import { startCluster } from './pipeline.ts'
import { cardsIn } from './shown-cards.ts'

interface Run {
  readonly processes: Readonly<Record<string, { readonly pid?: number; readonly command?: string }>>
}

const root = join(import.meta.dirname, '..', '..')
const names = ['nats-server', 'provision', 'watcher', 'dedupe', 'notifier']

/** Its state lies in `stateHome`; the tools are those that the other tests use. */
async function startSandbox(
  stateHome: string,
  settings: Readonly<Record<string, string>> = {},
  ...flags: readonly string[]
): Promise<RunningProcess> {
  const { PATH, HOME, XDG_CACHE_HOME } = process.env
  const env = { PATH, HOME, XDG_CACHE_HOME, XDG_STATE_HOME: stateHome, ...settings }
  return await startProcess(process.execPath, ['packages/sandbox/src/main.ts', ...flags], { cwd: root, env })
}

function readRun(stateHome: string): Run {
  return JSON.parse(readFileSync(join(stateHome, 'hermod', 'run.json'), 'utf8')) as Run
}

const pidsOf = ({ processes }: Run): number[] => Object.values(processes).flatMap(({ pid }) => pid ?? [])

function commandLines(run: Run): string {
  return execFileSync('ps', ['-o', 'args=', '-p', pidsOf(run).join(',')], { encoding: 'utf8' })
}

async function untilShown(sandbox: RunningProcess, what: RegExp): Promise<void> {
  await eventually(() => assert.match(sandbox.output, what), { timeoutMs: 180_000, everyMs: 100 })
}

// Each is on ports and in a folder of its own, and waits for others most of the time.
describe('npm start', { concurrency: 2 }, () => {
  test('npm start shows a finished rollout, brings a killed service back, and leaves nothing behind', async () => {
    await using state = await makeTempFolder('sandbox')
    await using sandbox = await startSandbox(state.path)
    await untilShown(sandbox, /is live · shop · sandbox/)
    const before = readRun(state.path)
    for (const name of names) assert.ok(isAlive(before.processes[name]?.pid ?? 0), `${name} does not run`)

    process.kill(before.processes['dedupe']?.pid ?? 0, 'SIGKILL')
    await untilShown(sandbox, /dedupe was ended by SIGKILL: starting it again/)
    const after = await eventually(() => {
      const now = readRun(state.path)
      assert.ok(isAlive(now.processes['dedupe']?.pid ?? 0))
      return now
    })
    await sandbox.stop()
    assert.match(sandbox.output, /Hermod is stopping/)
    assert.deepEqual([...pidsOf(before), ...pidsOf(after)].filter(isAlive), [])
  })

  test('npm start -- --cluster real rolls out on a real control plane', async () => {
    await using state = await makeTempFolder('sandbox')
    await using sandbox = await startSandbox(state.path, {}, '--cluster', 'real')
    await untilShown(sandbox, /is live · shop · sandbox-real/)
    const { processes } = readRun(state.path)
    for (const name of [...names, 'etcd', 'kube-apiserver', 'kube-controller-manager'])
      assert.ok(isAlive(processes[name]?.pid ?? 0), `${name} does not run`)
  })

  test('with a real cluster and a real Slack given, npm start runs the product as shipped and nothing of its own', async () => {
    await using state = await makeTempFolder('sandbox')
    await using cluster = await startCluster()
    await cluster.operator.createNamespace('shop', 'shop')
    await cluster.operator.create({ namespace: 'shop', name: 'web' })
    await eventually(() => cluster.operator.checkComplete('shop', 'web'))
    await using slack = await startFakeSlack({ channels: ['shop'] })
    await using sandbox = await startSandbox(state.path, {
      KUBECONFIG: cluster.controlPlane.kubeconfig,
      SLACK_TOKEN: slack.token,
      SLACK_API_URL: slack.apiUrl,
    })
    await untilShown(sandbox, /watcher is ready/)
    await cluster.operator.setTag('shop', 'web', 'slow-2')
    await eventually(
      () => assert.match(cardsIn(slack, 'shop').at(-1)?.headline ?? '', /web slow-2 is live/),
      {
        timeoutMs: 30_000,
      },
    )
    const run = readRun(state.path)
    const { processes } = run
    assert.deepEqual(Object.keys(processes), ['nats-server', 'provision', 'watcher', 'dedupe', 'notifier'])
    assert.match(processes['watcher']?.command ?? '', /\/bundles\/[0-9a-f]{16}\/watcher\.mjs$/)
    const written = [
      readFileSync(join(state.path, 'hermod', 'run.json'), 'utf8'),
      sandbox.output,
      commandLines(run),
    ]
    assert.ok(
      written.every((text) => !text.includes(slack.token)),
      'the token stands where others can read it',
    )
  })

  test('two at once in one folder: the second says who has it, and the first is not disturbed; kill -9 leaves nothing', async () => {
    await using state = await makeTempFolder('sandbox')
    await using first = await startSandbox(state.path)
    await untilShown(first, /Hermod is starting/)
    await using second = await startSandbox(state.path)
    await untilShown(
      second,
      new RegExp(`in use by another npm start \\(process ${first.pid}\\)[^]*What to do: `),
    )
    const pids = pidsOf(readRun(state.path))
    assert.ok(pids.length > 0 && pids.every(isAlive))
    await first.kill()
    await eventually(() => assert.deepEqual(pids.filter(isAlive), []))
  })
})

const refused: readonly (readonly [
  title: string,
  settings: Readonly<Record<string, string>>,
  words: RegExp,
])[] = [
  ['a Slack address without a token', { SLACK_API_URL: 'http://127.0.0.1:9/api/' }, /set the token too/],
  ['a kubeconfig that is not there', { KUBECONFIG: '/nowhere/config' }, /\/nowhere\/config cannot be read/],
  ['a port that is no port', { HTTP_PORT: 'http' }, /HTTP_PORT = "http" is not a whole number/],
  [
    'a folder that cannot be written to',
    { HERMOD_HOME: '/dev/null/hermod' },
    /set HERMOD_HOME to a folder of yours/,
  ],
  // Made by Node's own recursion, it would be tried for ever.
  [
    'a folder below one in which nothing can be made',
    { HERMOD_HOME: '/proc/hermod/home' },
    /\/proc\/hermod\/home cannot be written to \(ENOENT at \/proc\/hermod\)[^]*set HERMOD_HOME to a folder of yours/,
  ],
]

for (const [title, settings, words] of refused) {
  test(`npm start refuses ${title} with the remedy, before anything is started`, async () => {
    await using state = await makeTempFolder('sandbox')
    await using sandbox = await startSandbox(state.path, settings)
    await untilShown(sandbox, words)
    await eventually(() => assert.equal(sandbox.running, false))
  })
}
