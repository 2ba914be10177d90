import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { hadolintTool, obtain, type TempFolder } from '@hermod/testkit'
import { settingsOf } from '../documents/known-settings.ts'
import { bundlePrograms } from './as-shipped.ts'
import { readImage, readStages } from './image-recipe.ts'

const root = join(import.meta.dirname, '..', '..')
const targets = [...Object.keys(settingsOf), 'sandbox']

describe('services/Dockerfile', () => {
  let bundles: TempFolder
  before(async () => {
    bundles = await bundlePrograms()
  })
  after(() => bundles[Symbol.asyncDispose]())

  test('hadolint has nothing against it', async () => {
    const linted = promisify(execFile)(await obtain(hadolintTool), [join(root, 'services', 'Dockerfile')])
    await assert.doesNotReject(linted)
  })

  test('every foreign base is pinned by its digest, and the Node in it is ours', async () => {
    const stages = readStages()
    const own = stages.map(({ name }) => name)
    const foreign = stages.map(({ base }) => base).filter((base) => !own.includes(base))
    for (const base of foreign) assert.match(base, /^[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}$/)
    const [first = ''] = foreign
    assert.ok(first.startsWith(`node:${process.versions.node}-`), first)
  })

  for (const target of targets) {
    test(`the image ${target} runs its bundle as nobody in particular`, () => {
      const { entrypoint, user, labels } = readImage(target)
      const isFlag = (part: string): boolean => /^--[a-z-]+$/.test(part)
      assert.deepEqual(
        entrypoint.filter((part) => !isFlag(part)),
        ['/usr/local/bin/node', `/app/${target}.mjs`],
      )
      // A flag that this Node does not know ends it at once.
      execFileSync(process.execPath, [...entrypoint.filter(isFlag), '--eval', ''])
      assert.match(user, /^\d{5,}:\d{5,}$/)
      assert.equal(labels['org.opencontainers.image.title'], `hermod-${target}`)
      assert.ok(labels['org.opencontainers.image.description'])
      assert.ok(labels['org.opencontainers.image.licenses'])
    })

    test(`what is copied into the image ${target} is all that npm run bundle makes for it`, () => {
      const copied = readImage(target)
        .copies.flatMap(({ from }) => from)
        .filter((path) => path.startsWith('/src/dist/'))
        .map((path) => path.slice('/src/dist/'.length).replace(/\/$/, ''))
      for (const path of copied) assert.ok(existsSync(join(bundles.path, path)), `${path} is not made`)
      for (const made of [`${target}.mjs`, `${target}.mjs.map`, `${target}.cdx.json`, target])
        assert.ok(copied.includes(made), `${made} is not copied`)
    })

    test(`the bill of materials of the image ${target} names every package with version and licence`, async () => {
      const text = await readFile(join(bundles.path, `${target}.cdx.json`), 'utf8')
      const { bomFormat, components } = JSON.parse(text) as Bill
      assert.equal(bomFormat, 'CycloneDX')
      const [node, ...libraries] = components
      assert.equal(node?.purl, `pkg:generic/node@${process.versions.node}`)
      assert.ok(libraries.some(({ purl }) => purl === 'pkg:npm/%40nats-io/transport-node@3.4.0'))
      for (const { purl, licenses } of libraries) {
        assert.match(purl, /^pkg:npm\/[\w.%/-]+@\d+\.\d+\.\d+/)
        const licence = licenses?.[0]?.expression ?? purl
        assert.match(licence, /^\(?(MIT|Apache-2\.0|ISC|0BSD|BSD-[23]-Clause|Unlicense)\b/)
      }
    })
  }
})

interface Bill {
  readonly bomFormat: string
  readonly components: readonly {
    readonly purl: string
    readonly licenses?: readonly { readonly expression: string }[]
  }[]
}
