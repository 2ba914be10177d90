import assert from 'node:assert/strict'
import { test } from 'node:test'
import { missingSettings, settingsOf, unknownVariables } from './known-settings.ts'
import { type ContainerManifest, readBase } from './shipped-manifests.ts'

const containers = new Map<string, ContainerManifest>(
  readBase()
    .flatMap(({ spec }) => spec?.template?.spec.containers ?? [])
    .map((container) => [container.name, container]),
)

for (const name of Object.keys(settingsOf)) {
  const given = containers.get(name)?.env?.map((variable) => variable.name)

  test(`k8s/base tells the ${name} only what it reads`, () => {
    assert.ok(given, `no container is called ${name}`)
    assert.deepEqual(unknownVariables(name, given), [])
  })

  test(`k8s/base tells the ${name} everything that it must be told`, () => {
    assert.deepEqual(missingSettings(name, given ?? []), [])
  })
}
