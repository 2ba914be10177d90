import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeTempFolder, natsPyTool } from '@hermod/testkit'
import { parse, parseAllDocuments } from 'yaml'
import { readKustomization, sharedVariables, workloadsOf } from '../manifests/shipped-manifests.ts'
import { commandsOf, readDocuments, root } from './documents.ts'
import { alertRules } from './metric-table.ts'

const commands = readDocuments().flatMap(commandsOf)

/** Each command by itself, loops unrolled into what they repeat. */
const lines = commands
  .filter(({ runnable }) => !runnable)
  .flatMap(({ path, text }) =>
    text
      .split('\n')
      .map((line) => ({ path, line: line.trim().replace(/^(?:[A-Z_]+=\S+ )+/, '') }))
      .filter(({ line }) => line !== '' && line !== 'done'),
  )

/** Where the text has people put an overlay of their own. */
const ownOverlay = 'hermod'

interface Kustomization {
  readonly images: readonly { readonly name: string }[]
}

const base = parse(readFileSync(join(root, 'k8s', 'base', 'kustomization.yaml'), 'utf8')) as Kustomization

const imageNames = (images: Kustomization['images']): readonly string[] =>
  images.map(({ name }) => name).toSorted()

/** The keys of every Secret that the manifests read. */
function secretsOfManifests(): ReadonlyMap<string, ReadonlySet<string>> {
  const secrets = new Map<string, Set<string>>()
  const add = (name: unknown, key: unknown): void => {
    if (typeof name !== 'string' || typeof key !== 'string') return
    secrets.set(name, (secrets.get(name) ?? new Set()).add(key))
  }
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const { secretKeyRef, secretName, items } = value as Record<string, unknown>
    if (secretKeyRef) {
      const { name, key } = secretKeyRef as Record<string, unknown>
      add(name, key)
    }
    if (Array.isArray(items)) for (const { key } of items as { key?: unknown }[]) add(secretName, key)
    for (const inner of Object.values(value)) walk(inner)
  }
  for (const file of globSync('k8s/**/*.yaml', { cwd: root }))
    for (const document of parseAllDocuments(readFileSync(join(root, file), 'utf8'))) walk(document.toJS())
  return secrets
}

test('the commands that need no engine, cluster or account do what the text says', async () => {
  await using folder = await makeTempFolder('commands')
  const runnable = commands.filter((each) => each.runnable)
  assert.ok(runnable.length > 0)
  for (const { text } of runnable)
    execFileSync('bash', ['-euo', 'pipefail', '-c', text], { cwd: folder.path })
  // One password for each user, of the form that nats.conf can read.
  for (const user of secretsOfManifests().get('hermod-nats') ?? [])
    assert.match(readFileSync(join(folder.path, user), 'utf8'), /^[a-z][a-z0-9]{40,}$/)
  assert.equal(readdirSync(folder.path).length, secretsOfManifests().get('hermod-nats')?.size)
})

test('every other command names a program that it says is needed, and files that are there', () => {
  const needed = /^(for target in [a-z ]+; do|npm|docker|kubectl|pip|python3|node|nats) ?/
  for (const { path, line } of lines) {
    assert.match(line, needed, path)
    const named = [...line.matchAll(/(?:-k|--file|^python3|^node) ([\w./-]+)/g)].map(([, file]) => file ?? '')
    for (const file of named)
      assert.ok(file === ownOverlay || existsSync(join(root, file)), `${path}: ${line}`)
  }
})

test('every image that the manifests run is built, from a stage that the Dockerfile has', () => {
  const [loop] = lines.filter(({ line }) => line.startsWith('for target in'))
  const built = (loop?.line ?? '').replace('for target in ', '').replace('; do', '').split(' ')
  assert.deepEqual(built.map((target) => `hermod-${target}`).toSorted(), imageNames(base.images))
  const dockerfile = readFileSync(join(root, 'services', 'Dockerfile'), 'utf8')
  for (const target of built) assert.match(dockerfile, new RegExp(`^FROM .* AS ${target}$`, 'm'))
})

test('the overlay that people are told to write is built, with their images, channel and cluster', async () => {
  const { text = '' } = readDocuments().find(({ path }) => path === 'k8s/README.md') ?? {}
  assert.ok(text.includes(`\`${ownOverlay}/kustomization.yaml\``))
  const [overlay = '', forCluster = ''] = [...text.matchAll(/^ *```yaml\n([^]*?)^ *```$/gm)].map(
    ([, block = '']) => block.replaceAll(/^ {3}/gm, ''),
  )
  assert.deepEqual(imageNames((parse(overlay) as Kustomization).images), imageNames(base.images))
  await using folder = await makeTempFolder('overlay')
  await cp(join(root, 'k8s'), join(folder.path, 'hermod-source', 'k8s'), { recursive: true })
  await mkdir(join(folder.path, ownOverlay))
  await writeFile(
    join(folder.path, ownOverlay, 'kustomization.yaml'),
    `${overlay.replace(/- SLACK_CHANNEL.*/, '$&\n      - CLUSTER_NAME=prod')}\n${forCluster}`,
  )
  const manifests = await readKustomization(join(folder.path, ownOverlay))
  const { SLACK_CHANNEL, CLUSTER_NAME } = sharedVariables(manifests)
  assert.deepEqual([SLACK_CHANNEL, CLUSTER_NAME], ['deployments', 'prod'])
  const workloads = workloadsOf(manifests)
  for (const { name, container } of workloads)
    if (name !== 'nats') assert.equal(container.image, `registry.example/hermod-${name}:1`)
  const nats = workloads.find(({ name }) => name === 'nats')?.container.env ?? []
  const own = nats.filter(({ value }) => value !== undefined).map(({ value }) => value)
  assert.deepEqual(own, ['"hermod.observation.*.prod.>"', '"$KV.clusters.prod"'])
})

test('every program that is run in a pod is in that image', () => {
  const dockerfile = readFileSync(join(root, 'services', 'Dockerfile'), 'utf8')
  const inRunbooks = alertRules().flatMap(({ annotations: { runbook } }) =>
    [...runbook.matchAll(/`(kubectl[^`]+)`/g)].map(([, line = '']) => ({ line })),
  )
  const executed = [...lines, ...inRunbooks].filter(({ line }) => line.includes(' exec '))
  assert.ok(executed.length > 9)
  for (const { line } of executed) {
    const [, workload, node = '', program] =
      /deployment\/hermod-(\w+) -- (\S+) \/app\/(\w+)\.mjs/.exec(line) ?? []
    assert.equal(workload, program, line)
    assert.match(
      dockerfile,
      new RegExp(`^ENTRYPOINT \\["${node}"(, "--[a-z-]+")*, "/app/${program}\\.mjs"\\]$`, 'm'),
      line,
    )
  }
})

test('the nats-py that people are told to install is the one that the example is run with', () => {
  const told = lines.flatMap(({ line }) => /^pip install nats-py==(\S+)$/.exec(line)?.[1] ?? [])
  assert.deepEqual(
    told.map((version) => `${version}-wheel`),
    natsPyTool.made.map(({ version }) => version),
  )
})

test('every Secret that is created is one that the manifests read, with its keys', () => {
  const known = secretsOfManifests()
  const created = lines.flatMap(({ line }) => {
    const [, name] = /create secret generic ([\w-]+)/.exec(line) ?? []
    const keys = [...line.matchAll(/--from-(?:file|literal)=([\w-]+)/g)].map(([, key]) => key ?? '')
    return name === undefined ? [] : [{ name, keys }]
  })
  assert.ok(created.length >= 3)
  for (const { name, keys } of created)
    assert.deepEqual(keys.toSorted(), [...(known.get(name) ?? [])].toSorted(), name)
})
