// Runs one of our TypeScript programs, or a tool of the workspace, on a machine that has nothing but Node and npm:
//   node .ci/bootstrap.mjs [FLAG OF NODE...] PROGRAM.ts [ARGUMENT...]
//   node .ci/bootstrap.mjs TOOL [ARGUMENT...]
// B1 Plain JavaScript without a dependency: it runs on the machine's own Node, before anything is installed.
// B2 Installs only when what is to be installed differs from what was last installed to the end.
// B3 Two runs at once install once: the second waits for the first, and takes over if the first was killed.
// B4 Signals reach the program, and its exit code is ours; one that comes before it ends the installation.
// B5 When npm is gone, nobody could ask us to end: then we are asked at once, however early that is.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  accessSync,
  existsSync,
  constants as fs,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { compilationAhead } from './compile-ahead.mjs'

const pnpm = 'pnpm@12.21.0'
const oldestNode = 20
const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const modules = join(root, 'node_modules')
const stamp = join(modules, '.installed')
const lock = join(modules, '.installing')
const tools = join(modules, '.bin')
const pinnedNode = join(tools, 'node')

let wasInterrupted = false

const given = process.argv.slice(2)
const flags = given.slice(
  0,
  given.findIndex((word) => !word.startsWith('--')),
)
const [program, ...programArguments] = given.slice(flags.length)
if (program === undefined) fail('usage: node .ci/bootstrap.mjs [FLAG...] PROGRAM.ts|TOOL [ARGUMENT...]')
if (Number.parseInt(process.versions.node, 10) < oldestNode)
  fail(`Node ${process.versions.node} is too old to start from. Install Node ${oldestNode} or newer.`)
if (process.env.npm_lifecycle_event !== undefined) watchNpm()
await install(fingerprint())
run()

async function install(wanted) {
  if (isInstalled(wanted)) return
  try {
    mkdirSync(modules, { recursive: true })
    accessSync(modules, fs.W_OK)
  } catch ({ code }) {
    fail(
      `${modules} cannot be written to (${code}). Run it as the owner of this folder, or clone into one of yours.`,
    )
  }
  await takeLock()
  let compiled
  try {
    if (isInstalled(wanted)) return
    console.error('Installing the pinned toolchain and libraries; half a minute the first time.')
    const ahead = compilationAhead(program, process.env)
    compiled = ahead && runGroup('go', ahead.args, ahead.env)
    const install = ['install', '--frozen-lockfile', '--prefer-offline', '--reporter=append-only']
    const { code, output, error } = await runGroup('npx', ['-y', '--prefer-offline', pnpm, ...install])
    if (error) fail(`npx cannot be started (${error.message}). It comes with npm: install npm.`)
    if (code !== 0)
      fail(
        `${output}\nThe installation above did not end well. It needs the npm registry, or the caches of an ` +
          'earlier installation. Delete node_modules if it is damaged, then run the command again.',
      )
    writeFileSync(stamp, wanted)
  } finally {
    rmSync(lock, { force: true })
  }
  if (!compiled) return
  console.error('Compiling nats-server; about as long again the first time.')
  await compiled
}

/** Runs a command to its end; with all that it starts it is a group of its own, which ends with us. */
async function runGroup(command, args, env = process.env) {
  const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  const endGroup = () => {
    try {
      process.kill(-child.pid, 'SIGTERM')
    } catch {
      // It has ended already, or was never started.
    }
  }
  const stop = (signal) => process.exit(128 + constants.signals[signal])
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, stop)
  process.on('exit', endGroup)
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      output += text
    })
  const ending = await new Promise((resolve) => {
    child.on('error', (error) => resolve({ error }))
    child.on('close', (code) => resolve({ code, output }))
  })
  process.off('exit', endGroup)
  for (const signal of signals) process.off(signal, stop)
  return ending
}

function isInstalled(wanted) {
  return existsSync(pinnedNode) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted
}

function fingerprint() {
  const packages = ['packages', 'services'].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => join(parent, name, 'package.json')),
  )
  const files = [
    'package.json',
    'pnpm-lock.yaml',
    'pnpm-workspace.yaml',
    join('test', 'package.json'),
    ...packages,
  ]
  const hash = createHash('sha256').update(`${pnpm} ${process.platform} ${process.arch}`)
  for (const file of files) {
    if (existsSync(join(root, file))) hash.update(`${file}\0`).update(readFileSync(join(root, file)))
  }
  return hash.digest('hex')
}

async function takeLock() {
  for (let said = false; ; await sleep(200)) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' })
      return
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    const holder = readHolder()
    if (holder !== undefined && !isAlive(holder)) rmSync(lock, { force: true })
    else if (!said) {
      said = true
      console.error(`Another run (process ${holder ?? 'starting'}) is installing: waiting for it.`)
    }
  }
}

function readHolder() {
  try {
    return Number.parseInt(readFileSync(lock, 'utf8'), 10) || undefined
  } catch {
    return undefined
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

function run() {
  const command = program.endsWith('.ts')
    ? [pinnedNode, ...flags, join(root, program)]
    : [join(tools, program)]
  const [file, ...first] = command
  const child = spawn(file, [...first, ...programArguments], { stdio: 'inherit' })
  // A terminal sends SIGINT to both of us: the program alone decides what it means.
  process.on('SIGINT', () => {
    wasInterrupted = true
  })
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) =>
    fail(`${file} cannot be started (${error.message}). Delete node_modules and try again.`),
  )
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
}

function watchNpm() {
  const parents = ancestors()
  const timer = setInterval(() => {
    if (ancestors() === parents) return
    clearInterval(timer)
    // Of a Ctrl-C npm ends at once, and the program has heard of it too.
    if (!wasInterrupted) process.kill(process.pid, 'SIGTERM')
  }, 500)
  timer.unref()
}

/** npm starts a shell, which starts us; our parent alone where there is no /proc. */
function ancestors() {
  try {
    // `PID (NAME) STATE PARENT …`, and the name may hold anything.
    const [, npm] = /.*\) \S (\d+)/s.exec(readFileSync(`/proc/${process.ppid}/stat`, 'utf8'))
    return `${process.ppid} ${npm}`
  } catch {
    return String(process.ppid)
  }
}

function fail(message) {
  console.error(message)
  process.exit(1)
}
