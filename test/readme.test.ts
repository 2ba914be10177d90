import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { withReference } from './configuration-reference.ts'

const root = join(import.meta.dirname, '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>
}

test('the configuration reference is what the config.ts files say (npm run docs writes it)', () => {
  assert.ok(withReference(readme) === readme, 'README.md is out of date: npm run docs')
})

test('every npm command of the README exists', () => {
  const commands = [...readme.matchAll(/`npm (?:run )?([a-z]+)/g)].map(([, name]) => name ?? '')
  assert.ok(commands.length > 3)
  assert.deepEqual(
    commands.filter((name) => manifest.scripts[name] === undefined),
    [],
  )
})

test('every folder and file that the README links to is there', () => {
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path]) => path ?? '')
  assert.ok(links.length > 5)
  assert.deepEqual(
    links.filter((path) => !existsSync(join(root, path))),
    [],
  )
})

test('every dependency of the catalog has its reason in the README', () => {
  const workspace = parse(readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8')) as {
    catalog: Record<string, string>
  }
  const unexplained = Object.keys(workspace.catalog).filter((name) => !readme.includes(`\`${name}\``))
  assert.deepEqual(unexplained, [])
})

test('every dependency is taken from the catalog, one version for all', () => {
  for (const file of globSync(['package.json', '{packages,services}/*/package.json', 'test/package.json'], {
    cwd: root,
  })) {
    const { dependencies = {}, devDependencies = {} } = JSON.parse(
      readFileSync(join(root, file), 'utf8'),
    ) as {
      dependencies?: Record<string, string>
      devDependencies?: Record<string, string>
    }
    const versions = Object.values({ ...dependencies, ...devDependencies })
    assert.ok(
      versions.every((version) => version === 'catalog:' || version === 'workspace:*'),
      file,
    )
  }
})
