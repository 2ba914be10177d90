import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import { missingSettings, settingsOf, unknownVariables } from '../documents/known-settings.ts'
import { readNatsFile } from '../manifests/shipped-manifests.ts'
import { type ComposeProject, type ComposeService, readCompose } from './compose-project.ts'

const root = join(import.meta.dirname, '..', '..')

describe('docker-compose.yml, as the reader of the specification has it', () => {
  let project: ComposeProject
  let services: readonly (readonly [name: string, service: ComposeService])[]
  before(async () => {
    project = await readCompose()
    services = Object.entries(project.services)
  })

  test('runs NATS, provision, the three services, the sandbox and a store', () => {
    assert.deepEqual(
      Object.keys(project.services).sort(),
      [...Object.keys(settingsOf), 'nats', 'sandbox', 'store'].sort(),
    )
  })

  for (const name of Object.keys(settingsOf))
    test(`tells the ${name} everything that it must be told, and only what it reads`, () => {
      const given = Object.keys(project.services[name]?.environment ?? {})
      assert.deepEqual(unknownVariables(name, given), [])
      assert.deepEqual(missingSettings(name, given), [])
    })

  test('no service can write to its image, gain rights, take the machine’s memory or stay down', () => {
    for (const [name, service] of services) {
      assert.equal(service.read_only, true, name)
      assert.equal(service.restart, 'unless-stopped', name)
      assert.deepEqual(service.cap_drop, ['ALL'], name)
      assert.deepEqual(service.security_opt, ['no-new-privileges:true'], name)
      assert.deepEqual(
        Object.keys(service.deploy?.resources?.limits ?? {}).sort(),
        ['cpus', 'memory', 'pids'],
        name,
      )
      assert.ok((service.healthcheck?.test.length ?? 0) > 1, name)
    }
  })

  test('nothing is open to others than this machine', () => {
    const ports = services.flatMap(([, service]) => service.ports ?? [])
    assert.deepEqual([...new Set(ports.map((port) => port.host_ip))], ['127.0.0.1'])
  })

  test('every file that is mounted from the repository is there', () => {
    const mounts = services.flatMap(([, { volumes = [] }]) => volumes)
    const own = mounts.filter(({ type }) => type === 'bind').map(({ source }) => source)
    assert.ok(own.length > 0 && own.every((source) => source.startsWith(root)), own.join(', '))
    assert.deepEqual(
      own.filter((source) => !existsSync(source)),
      [],
    )
  })

  test('every variable of the environment that nats.conf reads is given, and no other', () => {
    const read = new Set(readNatsFile('nats.conf').match(/(?<=[:\s,[]\$)NATS_\w+/g))
    assert.deepEqual(Object.keys(project.services['nats']?.environment ?? {}).sort(), [...read].sort())
  })

  test('a token of Slack takes the place of the sandbox’s page, which is left out', async () => {
    assert.equal(project.services['notifier']?.environment['SLACK_API_URL'], 'http://sandbox:8422/api/')
    const { services: real } = await readCompose({ SLACK_TOKEN: 'xoxb-real' })
    const { SLACK_TOKEN, SLACK_API_URL } = real['notifier']?.environment ?? {}
    assert.deepEqual([SLACK_TOKEN, SLACK_API_URL], ['xoxb-real', undefined])
    assert.equal(real['sandbox']?.environment['SLACK_TOKEN'], 'given', 'whether there is one, not which')
  })

  test('a kubeconfig takes the place of the sandbox’s cluster, which is left out', async () => {
    const { services: real } = await readCompose({ KUBECONFIG: '/home/me/.kube/config' })
    const path = real['watcher']?.environment['KUBECONFIG']
    assert.deepEqual(
      real['watcher']?.volumes?.map(({ source, target }) => ({ source, target })),
      [{ source: '/home/me/.kube/config', target: path }],
    )
    assert.notEqual(real['sandbox']?.environment['KUBECONFIG'], '')
    assert.equal(project.services['sandbox']?.environment['KUBECONFIG'], '')
  })

  test('an Artifactory takes the place of the store', async () => {
    const given = { ARTIFACTORY_URL: 'https://artifactory.example/cache', ARTIFACTORY_LOGIN: 'me:secret' }
    const { services: real } = await readCompose(given)
    assert.equal(real['dedupe']?.environment['ARTIFACTORY_URL'], given.ARTIFACTORY_URL)
    assert.equal(real['dedupe']?.environment['ARTIFACTORY_LOGIN'], given.ARTIFACTORY_LOGIN)
    assert.equal(real['watcher']?.environment['ARTIFACTORY_URL'], given.ARTIFACTORY_URL)
  })
})
