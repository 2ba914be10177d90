import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { streams } from '@hermod/contracts'
import { describeSettings } from '@hermod/runtime'
import { usualScopes } from '@hermod/testkit'
import { parse } from 'yaml'
import { partsSettings } from '../../packages/sandbox/src/parts-settings.ts'
import { sandboxSettings } from '../../packages/sandbox/src/sandbox-settings.ts'
import { withReference } from './configuration-reference.ts'
import { readDocuments, root } from './documents.ts'
import { settingsOf } from './known-settings.ts'
import { declaredMetrics } from './metric-table.ts'

const readme = readFileSync(join(root, 'README.md'), 'utf8')
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>
}

const documents = readDocuments()

test('the configuration reference is what the config.ts files say (npm run docs writes it)', () => {
  const reference = readFileSync(join(root, 'services', 'README.md'), 'utf8')
  assert.ok(withReference(reference) === reference, 'services/README.md is out of date: npm run docs')
  assert.doesNotMatch(reference, /\[object/)
})

test('every npm command that a document names exists', () => {
  const commands = documents.flatMap(({ path, text }) =>
    [...text.matchAll(/(?:`|^ *)npm (?:run )?([a-z-]+)/gm)].map(([, name = '']) => ({ path, name })),
  )
  assert.ok(commands.length > 6)
  assert.deepEqual(
    commands.filter(({ name }) => manifest.scripts[name] === undefined),
    [],
  )
})

test('every npm script is explained in the README', () => {
  const unexplained = Object.keys(manifest.scripts).filter(
    (name) => !new RegExp(`\\b${name}\\b`).test(readme),
  )
  assert.deepEqual(unexplained, [])
})

test('every metric that a document names is one that a process declares', () => {
  const declared = declaredMetrics().map(({ name }) => name)
  const named = documents.flatMap(({ text }) =>
    [...text.matchAll(/`(hermod_\w+)/g)].map(([, name = '']) => name),
  )
  assert.ok(named.length > 10)
  assert.deepEqual(
    named.filter((name) => !declared.includes(name)),
    [],
  )
})

test('everything that a document links to is there, headings included', () => {
  const links = documents.flatMap(({ path, text }) =>
    [...text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)].map(([, to = '', heading]) => {
      const target = to === '' ? path : join(dirname(path), to)
      return { path, target, heading }
    }),
  )
  assert.ok(links.length > 40)
  const headingsOf = (target: string): readonly string[] =>
    [...readFileSync(join(root, target), 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    )
  const dead = links.filter(
    ({ target, heading }) =>
      !existsSync(join(root, target)) || (heading !== undefined && !headingsOf(target).includes(heading)),
  )
  assert.deepEqual(dead, [])
})

test('every variable that a document names is one that something reads', () => {
  const known = new Set([
    ...Object.values({ ...settingsOf, sandboxSettings, partsSettings }).flatMap((settings) =>
      describeSettings(settings).flatMap(({ variables }) => variables),
    ),
    ...Object.values(streams).map(({ name }) => name),
    // Of the test bed and of npm start.
    'HERMOD_HOME',
    'NATS_SERVER',
    'KUBEBUILDER_ASSETS',
    'PYTHON',
    'UPDATE_SNAPSHOTS',
    'PATH',
  ])
  const named = documents.flatMap(({ path, text }) =>
    [...text.matchAll(/`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)(?:=[^`]*)?`/g)].map(([, name = '']) => ({
      path,
      name,
    })),
  )
  assert.ok(named.length > 60)
  assert.deepEqual(
    named.filter(({ name }) => !known.has(name)),
    [],
  )
})

test('the capacity table holds the limits of the streams', () => {
  const table = readFileSync(join(root, 'k8s', 'README.md'), 'utf8')
  for (const { name, maxAgeMs, maxBytes } of Object.values(streams)) {
    const hours = maxAgeMs / 3_600_000
    const mebibytes = maxBytes / 1024 ** 2
    const age = hours < 24 ? `${hours} h` : `${hours / 24} d`
    const size = mebibytes < 1024 ? `${mebibytes} MiB` : `${mebibytes / 1024} GiB`
    assert.match(table, new RegExp(`^\\| ${name} \\| ${age}[^|]*\\| ${size} \\|`, 'm'))
  }
})

test('the Slack app is given the scopes that the pipeline is tested with, each with its reason', () => {
  const text = readFileSync(join(root, 'services', 'notifier', 'slack-app.yaml'), 'utf8')
  const { oauth_config: oauth } = parse(text) as { oauth_config: { scopes: { bot: readonly string[] } } }
  assert.deepEqual(oauth.scopes.bot.toSorted(), usualScopes.toSorted())
  for (const scope of oauth.scopes.bot) assert.match(text, new RegExp(`- ${scope} # \\w+ `))
})

test('the CI workflow runs what everybody runs, with the versions that the documents ask for', () => {
  const text = readFileSync(join(root, '.github', 'workflows', 'ci.yml'), 'utf8')
  const { jobs } = parse(text) as {
    jobs: { test: { steps: readonly { run?: string; with?: Readonly<Record<string, unknown>> }[] } }
  }
  assert.deepEqual(
    jobs.test.steps.flatMap(({ run }) => run ?? []),
    ['sudo --preserve-env env "PATH=$PATH" "HOME=$HOME" bash .ci/run'],
  )
  const inputs = Object.assign({}, ...jobs.test.steps.map((step) => step.with)) as Record<string, string>
  assert.ok(existsSync(join(root, inputs['node-version-file'] ?? '')))
  for (const path of ['README.md', '.github/CONTRIBUTING.md'])
    assert.match(readFileSync(join(root, path), 'utf8'), new RegExp(`Go ${inputs['go-version']} or newer`))
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
