import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { provisionSettings } from '@hermod/jetstream'
import { type AnySettings, describeSettings, processSettings } from '@hermod/runtime'
import { parse } from 'yaml'
import { dedupeSettings } from '../services/dedupe/src/config.ts'
import { notifierSettings } from '../services/notifier/src/config.ts'
import { watcherSettings } from '../services/watcher/src/config.ts'

const root = join(import.meta.dirname, '..')

interface ComposeService {
  readonly environment: Readonly<Record<string, string>>
  readonly volumes?: readonly string[]
}

const compose = parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), { merge: true }) as {
  readonly services: Readonly<Record<string, ComposeService>>
}

const settingsOf: Readonly<Record<string, AnySettings>> = {
  provision: { ...processSettings, ...provisionSettings },
  watcher: { ...processSettings, ...watcherSettings },
  dedupe: { ...processSettings, ...dedupeSettings },
  notifier: { ...processSettings, ...notifierSettings },
}

test('docker-compose.yml runs NATS, provision and the three services', () => {
  assert.deepEqual(Object.keys(compose.services), ['nats', ...Object.keys(settingsOf)])
})

for (const [name, settings] of Object.entries(settingsOf)) {
  const given = Object.keys(compose.services[name]?.environment ?? {})

  test(`docker-compose.yml tells the ${name} only what it reads`, () => {
    const known = new Set(describeSettings(settings).flatMap(({ variables }) => variables))
    assert.deepEqual(
      given.filter((variable) => !known.has(variable)),
      [],
    )
  })

  test(`docker-compose.yml tells the ${name} everything that it must be told`, () => {
    const missing = describeSettings(settings)
      .filter(
        ({ required, variables }) => required && !variables.some((variable) => given.includes(variable)),
      )
      .map(({ names }) => names.join(' or '))
    assert.deepEqual(missing, [])
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
  const config = readFileSync(join(root, 'k8s', 'base', 'nats.conf'), 'utf8')
  const read = new Set(config.match(/(?<=[:\s,[]\$)NATS_\w+/g))
  const given = Object.keys(compose.services['nats']?.environment ?? {})
  assert.deepEqual([...read].sort(), given.sort())
})
