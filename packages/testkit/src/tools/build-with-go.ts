import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Context, Recipe } from './tool.ts'
import { type Ending, runWatched } from './watched-command.ts'

export interface GoProgram {
  /** Folder below `modules` with the go.mod and go.sum that pin every dependency. */
  readonly module: string
  readonly package: string
  readonly version: string
  /** What a first build takes on two cores, in words. */
  readonly duration: string
  /** Build tags: what to leave out. */
  readonly tags?: readonly string[]
  /** String variables set at link time. */
  readonly variables?: Readonly<Record<string, string>>
}

const progressMs = 15_000
const silenceMs = 5 * 60_000

/** Builds a program from the Go module proxy; every module is held to the hash in our go.sum. */
export function buildWithGo(program: GoProgram): Recipe {
  const folder = join(import.meta.dirname, 'modules', program.module)
  const variables = Object.entries(program.variables ?? {}).map(([name, value]) => `-X ${name}=${value}`)
  const tags = program.tags ?? []
  const flags = [
    '-mod=readonly',
    '-modcacherw',
    '-buildvcs=false',
    '-trimpath',
    ...tags.flatMap((tag) => ['-tags', tag]),
  ]
  const link = ['-s', '-w', ...variables].join(' ')
  return {
    name: 'Go',
    get version() {
      return `${program.version}-${digest(readFileSync(join(folder, 'go.sum')), link)}`
    },
    async make(target, _scratch, context) {
      const what = `${basename(target)} ${program.version}`
      context.log(`building ${what} with Go, ${program.duration} the first time …`)
      using progress = reportProgress(what, context)
      const ending = await runWatched({
        command: 'go',
        args: ['-C', folder, 'build', ...flags, '-v', '-ldflags', link, '-o', target, program.package],
        // No C compiler needed, and no go.work of a folder above ours taken.
        env: { ...context.env, CGO_ENABLED: '0', GOWORK: 'off', GO111MODULE: 'on' },
        onLine: progress.count,
        silenceMs,
      })
      if (ending.kind !== 'done') throw new Error(explainGoFailure(ending))
    },
  }
}

function digest(...parts: readonly (Buffer | string)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex').slice(0, 8)
}

function reportProgress(what: string, { log }: Context): Disposable & { count: (line: string) => void } {
  const started = performance.now()
  let downloads = 0
  let packages = 0
  const timer = setInterval(() => {
    const seconds = Math.round((performance.now() - started) / 1000)
    log(`  ${what}: ${downloads} modules downloaded, ${packages} packages compiled, ${seconds} s`)
  }, progressMs)
  return {
    count(line) {
      if (line.startsWith('go: downloading ')) downloads++
      else packages++
    },
    [Symbol.dispose]: () => clearInterval(timer),
  }
}

const install = 'install Go 1.26 or newer from https://go.dev/dl'

/** What went wrong, with the remedy, in one line. */
export function explainGoFailure(ending: Exclude<Ending, { kind: 'done' }>): string {
  if (ending.kind === 'not-installed') return `the go command is not installed: ${install}`
  if (ending.kind === 'silent')
    return 'gave no sign of life for 5 minutes: is the module proxy (GOPROXY) reachable?'
  const lines = ending.output.split('\n').filter((line) => !line.startsWith('go: downloading '))
  const first = (pattern: RegExp): string | undefined => lines.find((line) => pattern.test(line))
  const tooOld = first(
    /requires go >= |invalid go version|unknown directive|flag provided but not defined: -C/,
  )
  if (tooOld) return `the go command is too old: ${install} (${tooOld.trim()})`
  const offline = first(
    /dial tcp|no such host|i\/o timeout|connection re|TLS handshake|proxyconnect|x509|module lookup/,
  )
  if (offline) return `no way to the module proxy, set GOPROXY or HTTPS_PROXY: ${offline.trim()}`
  const full = first(/no space left on device/)
  if (full) return `the disk is full: ${full.trim()}`
  return `go build failed: ${lines.slice(-3).join(' | ')}`
}
