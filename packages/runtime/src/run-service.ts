import { describeProblems, readSettings, type SettingProblem, type SettingsSource } from './env.ts'
import { FatalError } from './fatal-error.ts'
import { createHealth, type Health } from './health.ts'
import { serveHealth } from './health-server.ts'
import { createLogger, type Logger } from './logger.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { type ProcessEnd, watchProcess } from './process-end.ts'
import { type ProcessConfig, processSettings } from './process-settings.ts'
import { Secret } from './secret.ts'
import { openSecretFile, type SecretFileEvent } from './secret-file.ts'
import { startSentry } from './sentry.ts'
import type { SettingsOf } from './setting.ts'

/** What a service is given by the process it lives in. */
export interface ServiceDeps {
  readonly log: Logger
  readonly metrics: Metrics
  readonly health: Health
  /** Aborted when the process is to stop, during start too. */
  readonly signal: AbortSignal
  /** Tells Sentry, if there is one, of an error that the service lives on with. */
  readonly report: (error: unknown) => void
  /** Stops the process because of `error`: exit code 2 if it has a remedy (FatalError), else 1. */
  readonly fail: (error: unknown) => void
}

export interface ServiceOptions<C extends object> {
  readonly name: string
  readonly settings: SettingsOf<C>
  /** Rules over several settings; asked only when each is right by itself. */
  readonly check?: (config: Readonly<C>) => readonly SettingProblem[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** With node and the script in front, as process.argv has it. */
  readonly argv: readonly string[]
  /** Gives what is to be disposed at the end, or nothing if all is done. */
  readonly start: (config: Readonly<C>, deps: ServiceDeps) => Promise<AsyncDisposable | undefined>
  /** Where the kubelet reads last words. */
  readonly terminationLog?: string
  readonly stopWithinMs?: number
}

/**
 * The whole life of a process: reads its settings, starts the service, waits for a signal, stops it, exits.
 * How it ends is told in process-end.ts.
 */
export async function runService<C extends object>(options: ServiceOptions<C>): Promise<void> {
  const { name, terminationLog = '/dev/termination-log', stopWithinMs = 10_000 } = options
  const processEnd = watchProcess({ name, terminationLog, stopWithinMs })
  try {
    await live(options, processEnd)
  } catch (error) {
    await processEnd.end(error)
  }
  await processEnd.end()
}

async function live<C extends object>(options: ServiceOptions<C>, processEnd: ProcessEnd): Promise<void> {
  const { name, start } = options
  const { witnesses, signal } = processEnd
  const { config, base } = readConfig(options, (event) => {
    tellSecretFile(event, witnesses.log)
  })
  secretsOf({ ...config, ...base }).forEach(witnesses.scrubber.add)
  const log = createLogger({ service: name, level: base.logLevel, scrubber: witnesses.scrubber })
  witnesses.log = log
  if (base.sentryDsn) {
    const dsn = base.sentryDsn.reveal()
    witnesses.reporter = await startSentry({ dsn, service: name, scrubber: witnesses.scrubber })
  }
  const metrics = createMetrics()
  const health = createHealth()
  health.set('start', { ok: false, detail: 'still starting' })

  await using started = new AsyncDisposableStack()
  const server = await serveHealth({
    port: base.httpPort,
    host: base.httpHost,
    health,
    metrics,
    scrub: witnesses.scrubber.scrub,
  })
  started.use(server)
  log.info({ config: { ...base, ...config }, httpPort: server.port }, 'starting')

  const { report } = witnesses.reporter
  const service = await start(config, { log, metrics, health, signal, report, fail: processEnd.fail })
  if (service === undefined) return
  started.use(service)
  health.remove('start')
  log.info('started')
  processEnd.doing = 'running'

  const reason = await processEnd.reason
  processEnd.doing = 'stopping'
  health.set('stop', { ok: false, detail: 'stopping' })
  await started.disposeAsync()
  if (reason.kind === 'failed') throw reason.error
  log.info('stopped')
}

interface Config<C> {
  readonly config: Readonly<C>
  readonly base: Readonly<ProcessConfig>
}

function readConfig<C extends object>(
  { settings, check = () => [], env, argv }: ServiceOptions<C>,
  onEvent: (event: SecretFileEvent) => void,
): Config<C> {
  const openFile: SettingsSource['openFile'] = (path) => openSecretFile(path, { onEvent })
  const source = { env, argv: argv.slice(2), openFile }
  const own = readSettings(source, settings)
  const base = readSettings(source, processSettings)
  if (!own.ok || !base.ok) throw refusal([own, base].flatMap((read) => (read.ok ? [] : read.problems)))
  const problems = check(own.config)
  if (problems.length > 0) throw refusal(problems)
  return { config: own.config, base: base.config }
}

function refusal(problems: readonly SettingProblem[]): FatalError {
  return new FatalError('cannot start with these settings', { remedy: `\n${describeProblems(problems)}` })
}

// A URL may carry a password, which libraries then print on its own.
function secretsOf(config: object): readonly Secret[] {
  return Object.values(config).flatMap((value: unknown) => {
    if (value instanceof Secret) return [value]
    const texts = Array.isArray(value) ? value : [value]
    return texts.flatMap((text) => {
      const password = typeof text === 'string' ? URL.parse(text)?.password : ''
      return password ? [Secret.of(decodeURIComponent(password))] : []
    })
  })
}

function tellSecretFile(event: SecretFileEvent, log: Logger | undefined): void {
  if (event.kind === 'rotated') log?.info({ path: event.path }, 'secret file was rotated')
  else log?.warn({ ...event }, 'secret file cannot be read, its last value stays in use')
}
