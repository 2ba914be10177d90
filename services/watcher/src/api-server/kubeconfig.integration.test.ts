import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { makeTempFolder, type TempFolder } from '@hermod/testkit'
import { kubeconfig } from './kubeconfig.ts'

let folder: TempFolder
let path: string
beforeEach(async () => {
  folder = await makeTempFolder('kubeconfig')
  path = join(folder.path, 'config')
})
afterEach(() => folder[Symbol.asyncDispose]())

async function writeConfig(user: object): Promise<void> {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server: 'https://10.0.0.1:6443' } }],
    users: [
      { name: 'somebody', user: { token: 'not this one' } },
      { name: 'me', user },
    ],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'me' } }],
    'current-context': 'x',
  }
  await writeFile(path, JSON.stringify(config))
}

async function writeToken(token: string): Promise<void> {
  await writeFile(join(folder.path, 'token'), `${token}\n`)
}

test('a tokenFile is read beside the kubeconfig, goes before a token, and is read again when it rotates', async () => {
  await writeConfig({ token: 'old', tokenFile: 'token' })
  await writeToken('first')
  const credentials = kubeconfig(path)
  assert.equal((await credentials({ renew: false })).headers['authorization'], 'Bearer first')
  await writeToken('second')
  assert.equal((await credentials({ renew: false })).headers['authorization'], 'Bearer second')
})

test('a tokenFile that is not there is named', async () => {
  await writeConfig({ tokenFile: '/nowhere/token' })
  await assert.rejects(kubeconfig(path)({ renew: false }), /\/nowhere\/token/)
})

test('a kubeconfig that is replaced is read again', async () => {
  const credentials = kubeconfig(path)
  await writeConfig({ token: 'a' })
  assert.equal((await credentials({ renew: false })).headers['authorization'], 'Bearer a')
  await writeConfig({ token: 'b' })
  assert.equal((await credentials({ renew: true })).headers['authorization'], 'Bearer b')
})

test('an exec plugin runs once for many requests, and again only when the server refused its answer', async () => {
  const plugin = join(folder.path, 'plugin.mjs')
  const runs = join(folder.path, 'runs')
  await writeFile(
    plugin,
    `import { appendFileSync, readFileSync } from 'node:fs'
     appendFileSync(${JSON.stringify(runs)}, 'x')
     const token = 'run ' + readFileSync(${JSON.stringify(runs)}, 'utf8').length
     const kind = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential' }
     console.log(JSON.stringify({ ...kind, status: { token } }))`,
  )
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: process.execPath,
    args: [plugin],
    interactiveMode: 'Never',
  }
  await writeConfig({ exec })
  const credentials = kubeconfig(path)
  const tokens = async (renew: boolean): Promise<unknown[]> => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => credentials({ renew })))
    return [...new Set(answers.map(({ headers }) => headers['authorization']))]
  }
  assert.deepEqual(await tokens(false), ['Bearer run 1'])
  assert.deepEqual(await tokens(false), ['Bearer run 1'])
  assert.deepEqual(await tokens(true), ['Bearer run 2'])
  assert.deepEqual(await tokens(false), ['Bearer run 2'])
  assert.equal(await readFile(runs, 'utf8'), 'xx')
})
