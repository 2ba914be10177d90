import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { missingSettings, settingsOf, unknownVariables } from './known-settings.ts'
import { readNatsFile } from './shipped-manifests.ts'

const root = join(import.meta.dirname, '..')

interface ComposeService {
  readonly environment: Readonly<Record<string, string>>
  readonly volumes?: readonly string[]
}

const compose = parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), { merge: true }) as {
  readonly services: Readonly<Record<string, ComposeService>>
}

test('docker-compose.yml runs NATS, provision and the three services', () => {
  assert.deepEqual(Object.keys(compose.services), ['nats', ...Object.keys(settingsOf)])
})

for (const name of Object.keys(settingsOf)) {
  const given = Object.keys(compose.services[name]?.environment ?? {})

  test(`docker-compose.yml tells the ${name} only what it reads`, () => {
    assert.deepEqual(unknownVariables(name, given), [])
  })

  test(`docker-compose.yml tells the ${name} everything that it must be told`, () => {
    assert.deepEqual(missingSettings(name, given), [])
  })
}

test('every file that docker-compose.yml mounts from the repository is there', () => {
  const mounted = Object.values(compose.services).flatMap(({ volumes = [] }) => volumes)
  const own = mounted.flatMap((volume) => (volume.startsWith('./') ? [volume.split(':')[0] ?? ''] : []))
  assert.deepEqual(
    own.filter((path) => !existsSync(join(root, path))),
    [],
  )
})

test('every variable of the environment that nats.conf reads is given by docker-compose.yml', () => {
  const config = readNatsFile('nats.conf')
  const read = new Set(config.match(/(?<=[:\s,[]\$)NATS_\w+/g))
  const given = Object.keys(compose.services['nats']?.environment ?? {})
  assert.deepEqual([...read].sort(), given.sort())
})
