import assert from 'node:assert/strict'
import { mkdirSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeTempFolder } from '@hermod/testkit'
import type { Secret } from './secret.ts'
import { openSecretFile, type SecretFileEvent } from './secret-file.ts'

interface Mount extends AsyncDisposable {
  readonly path: string
  readonly secret: Secret
  readonly events: readonly string[]
  /** As the kubelet does it: a new folder, and one rename of the link to it. */
  readonly swap: (value: string | undefined) => void
  readonly pass: (ms: number) => void
}

async function mountSecret(value: string): Promise<Mount> {
  const folder = await makeTempFolder('secret')
  const path = join(folder.path, 'token')
  let version = 0
  let now = 0
  const events: string[] = []
  const swap = (next: string | undefined): void => {
    const data = `..version-${version++}`
    mkdirSync(join(folder.path, data))
    if (next !== undefined) writeFileSync(join(folder.path, data, 'token'), next)
    symlinkSync(data, join(folder.path, '..data-new'))
    renameSync(join(folder.path, '..data-new'), join(folder.path, '..data'))
  }
  swap(value)
  symlinkSync(join('..data', 'token'), path)
  const onEvent = (event: SecretFileEvent): void => {
    events.push(event.kind)
  }
  const opened = openSecretFile(path, { onEvent, now: () => now })
  assert.ok(opened.ok)
  const pass = (ms: number): void => {
    now += ms
  }
  return {
    path,
    secret: opened.secret,
    events,
    swap,
    pass,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}

test('a trailing line end is no part of a secret, other blanks are', async () => {
  await using mount = await mountSecret(' first \r\n')
  assert.equal(mount.secret.reveal(), ' first ')
})

test('a secret whose link was swapped is the new one, a second later', async () => {
  await using mount = await mountSecret('first')
  mount.swap('second')
  mount.pass(999)
  assert.equal(mount.secret.reveal(), 'first')
  mount.pass(1)
  assert.equal(mount.secret.reveal(), 'second')
  assert.deepEqual(mount.events, ['rotated'])
})

test('a rotation to the same value is no rotation', async () => {
  await using mount = await mountSecret('first')
  mount.swap('first\n')
  mount.pass(1000)
  assert.equal(mount.secret.reveal(), 'first')
  assert.deepEqual(mount.events, [])
})

test('a secret keeps its value while its file is missing or empty, and says so once', async () => {
  await using mount = await mountSecret('first')
  for (const broken of [undefined, '\n', undefined]) {
    mount.swap(broken)
    for (let looks = 0; looks < 3; looks++) {
      mount.pass(1000)
      assert.equal(mount.secret.reveal(), 'first')
    }
  }
  assert.deepEqual(mount.events, ['unreadable', 'unreadable', 'unreadable'])
  mount.swap('second')
  mount.pass(1000)
  assert.equal(mount.secret.reveal(), 'second')
  assert.deepEqual(mount.events.slice(3), ['rotated'])
})

test('a secret that is written over in place is the new one', async () => {
  await using mount = await mountSecret('first')
  writeFileSync(mount.path, 'third')
  mount.pass(1000)
  assert.equal(mount.secret.reveal(), 'third')
})

test('the same trouble after a recovery is said again', async () => {
  await using mount = await mountSecret('first')
  for (const next of [undefined, 'first', undefined]) {
    mount.swap(next)
    mount.pass(1000)
    mount.secret.reveal()
  }
  assert.deepEqual(mount.events, ['unreadable', 'unreadable'])
})

test('so is the trouble of a file that went and came back as it was', async () => {
  await using mount = await mountSecret('first')
  const look = (): void => {
    mount.pass(1000)
    assert.equal(mount.secret.reveal(), 'first')
  }
  for (let times = 0; times < 2; times++) {
    renameSync(mount.path, `${mount.path}-away`)
    look()
    renameSync(`${mount.path}-away`, mount.path)
    look()
  }
  assert.deepEqual(mount.events, ['unreadable', 'unreadable'])
})

test('a file that is no secret is refused with the reason', async () => {
  await using folder = await makeTempFolder('secret')
  const path = join(folder.path, 'token')
  const problem = (): string => {
    const opened = openSecretFile(path)
    return opened.ok ? 'none' : opened.problem
  }
  assert.equal(problem(), `${path} cannot be read (ENOENT)`)
  writeFileSync(path, '\n')
  assert.equal(problem(), `${path} is empty`)
  truncateSync(path, 65_537)
  assert.equal(problem(), `${path} is larger than 64 KiB`)
  rmSync(path)
  mkdirSync(path)
  assert.equal(problem(), `${path} is not a file`)
})
