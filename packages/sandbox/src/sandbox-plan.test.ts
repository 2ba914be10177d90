import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseEnv } from 'node:util'
import { Secret } from '@hermod/runtime'
import { shippedStart } from '@hermod/testkit'
import { type HomePaths, homePaths } from './sandbox-home.ts'
import {
  chooseStandIns,
  contradiction,
  inheritedEnv,
  natsToListenTo,
  type Part,
  planParts,
  type Surroundings,
  settingsText,
} from './sandbox-plan.ts'
import type { SandboxConfig } from './sandbox-settings.ts'

const nothing: SandboxConfig = {
  kubeconfig: undefined,
  slackToken: undefined,
  slackApiUrl: undefined,
  natsUrls: undefined,
  natsUser: undefined,
  natsPassword: undefined,
  natsNkeySeed: undefined,
  natsCreds: undefined,
  natsCaFile: undefined,
  natsCertFile: undefined,
  natsKeyFile: undefined,
  httpPort: undefined,
  cluster: 'model',
  loop: true,
  clusterName: undefined,
  home: '/home/me/h',
  xdgStateHome: undefined,
  xdgCacheHome: undefined,
}

const surroundings: Surroundings = {
  paths: homePaths(nothing, '/home/me'),
  ports: { nats: 4222, provision: 1000, watcher: 1001, dedupe: 2112, notifier: 1003 },
  node: '/bin/node',
  bundles: '/bundles',
  natsServer: undefined,
  kubeconfig: undefined,
  argv: [],
  slack: undefined,
}

function plan(config: Partial<SandboxConfig>, given: Partial<Surroundings> = {}): Record<string, Part> {
  const whole = { ...nothing, ...config }
  const parts = planParts(whole, chooseStandIns(whole), { ...surroundings, ...given })
  return Object.fromEntries(parts.map((part) => [part.name, part]))
}

test('what is given is real, and only what is not given stands in', () => {
  assert.deepEqual(chooseStandIns(nothing), { nats: true, cluster: true, slack: true })
  const mixed = { ...nothing, slackToken: true as const, natsUrls: ['nats://there'] }
  assert.deepEqual(chooseStandIns(mixed), { nats: false, cluster: true, slack: false })
})

test('with a real cluster and a real Slack nothing of the sandbox runs beside the services', () => {
  const parts = plan(
    { kubeconfig: '/k', slackToken: true, natsUrls: ['nats://there'] },
    { argv: ['--level=debug'] },
  )
  assert.deepEqual(Object.keys(parts), ['provision', 'watcher', 'dedupe', 'notifier'])
  assert.deepEqual(parts['watcher']?.command.slice(-2), ['/bundles/watcher.mjs', '--level=debug'])
  assert.deepEqual(parts['notifier']?.settings, { HTTP_HOST: '127.0.0.1', HTTP_PORT: '1003' })
})

test('each program runs under the flags of its image', () => {
  const parts = plan({})
  for (const name of ['provision', 'watcher', 'dedupe', 'notifier']) {
    const { flags, env } = shippedStart(name)
    const [, , ...command] = parts[name]?.command ?? []
    const until = command.findIndex((word) => word.endsWith('.mjs'))
    const shipped = [...(env['NODE_OPTIONS'] ?? '').split(' '), ...flags]
    assert.deepEqual(command.slice(0, until).toSorted(), shipped.toSorted(), name)
  }
})

test('without a cluster of its own name the sandbox calls it sandbox', () => {
  const kubeconfig = '/own'
  assert.equal(plan({}, { kubeconfig })['watcher']?.settings['CLUSTER_NAME'], 'sandbox')
  assert.equal(plan({ clusterName: 'mine' }, { kubeconfig })['watcher']?.settings['CLUSTER_NAME'], undefined)
})

test('the broker is first to start, and so last to end', () => {
  const parts = plan({}, { natsServer: '/bin/nats-server' })
  assert.deepEqual(Object.keys(parts), ['nats-server', 'provision', 'watcher', 'dedupe', 'notifier'])
})

test('a secret reaches the one service that needs it', () => {
  const env = { SLACK_TOKEN: 'xoxb-1', ARTIFACTORY_LOGIN_FILE: '/login', HTTP_PORT: '9', PATH: '/bin' }
  const parts = plan({ slackToken: true }, { natsServer: '/bin/nats-server' })
  const reaches = (name: string): string[] =>
    Object.values(parts)
      .filter((part) => Object.hasOwn(inheritedEnv(part, env), name))
      .map((part) => part.name)
  assert.deepEqual(reaches('SLACK_TOKEN'), ['notifier'])
  assert.deepEqual(reaches('ARTIFACTORY_LOGIN_FILE'), ['dedupe'])
  assert.deepEqual(reaches('PATH'), ['nats-server', 'provision', 'watcher', 'dedupe', 'notifier'])
})

test("a setting of the plan beats the user's variable of that name", () => {
  const { dedupe } = plan({ httpPort: 9 })
  assert.ok(dedupe && !Object.hasOwn(inheritedEnv(dedupe, { HTTP_PORT: '9' }), 'HTTP_PORT'))
})

test('the page listens to the NATS that the services use, and as they do', () => {
  const ports = { nats: 4223 }
  assert.deepEqual(natsToListenTo(nothing, ports), { servers: ['nats://127.0.0.1:4223'] })
  const given = { natsUrls: ['tls://there'], natsUser: 'hermod', natsPassword: Secret.of('open') }
  const { servers, user, credentials } = natsToListenTo({ ...nothing, ...given }, ports)
  assert.deepEqual({ servers, user }, { servers: ['tls://there'], user: 'hermod' })
  assert.deepEqual(credentials?.(), { kind: 'password', user: 'hermod', password: 'open' })
})

test('a Slack address without a token is refused with the remedy', () => {
  assert.match(contradiction({ ...nothing, slackApiUrl: 'http://s/' })?.remedy ?? '', /set the token too/)
  assert.equal(contradiction({ ...nothing, slackApiUrl: 'http://s/', slackToken: true }), undefined)
})

test('a settings file reads back as it was written', () => {
  const settings = { A: 'plain', B: "it's", C: 'say "hi" #1', D: '/a b/c$HOME' }
  assert.deepEqual({ ...parseEnv(settingsText(settings)) }, settings)
})

test('state lives under HERMOD_HOME, else where the XDG rules say', () => {
  const paths = (home?: string, xdgStateHome?: string, xdgCacheHome?: string): HomePaths =>
    homePaths({ home, xdgStateHome, xdgCacheHome }, '/home/me')
  const folder = (home?: string, xdgStateHome?: string): string => paths(home, xdgStateHome).folder
  assert.equal(folder('/h'), '/h')
  assert.equal(folder(undefined, '/state'), '/state/hermod')
  assert.equal(folder(undefined, 'relative'), '/home/me/.local/state/hermod')
  assert.equal(folder(), '/home/me/.local/state/hermod')
  assert.equal(paths('/h').bundles, '/h/bundles')
  assert.equal(paths().bundles, '/home/me/.cache/hermod/bundles')
  assert.equal(paths(undefined, undefined, '/cache').bundles, '/cache/hermod/bundles')
})
