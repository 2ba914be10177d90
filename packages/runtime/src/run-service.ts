import type { RunCommand } from './command.ts'
import type { SettingProblem } from './env.ts'
import { FatalError } from './fatal-error.ts'
import { createHealth, type Health } from './health.ts'
import { serveHealth } from './health-server.ts'
import { createLogger, type Logger } from './logger.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { type ProcessEnd, watchProcess } from './process-end.ts'
import { defaultTerminationLog } from './process-settings.ts'
import { runCommand } from './run-command.ts'
import { openSecretFile, type SecretFileEvent } from './secret-file.ts'
import { startSentry } from './sentry.ts'
import { readServiceConfig, secretsIn } from './service-config.ts'
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
  /** Rules over several settings; asked once each is right by itself. */
  readonly check?: (config: Readonly<C>) => readonly SettingProblem[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** With node and the script in front, as process.argv has it. */
  readonly argv: readonly string[]
  /** What the process does instead when the first word names it; loaded only then. */
  readonly commands?: Readonly<Record<string, () => Promise<RunCommand>>>
  /** Gives what is to be disposed of at the end; nothing when all is done already. */
  readonly start: (config: Readonly<C>, deps: ServiceDeps) => Promise<AsyncDisposable | undefined>
  /** Where the kubelet reads last words. */
  readonly terminationLog?: string
  readonly stopWithinMs?: number
}

/**
 * The whole life of a process: reads its settings, starts the service, waits for a signal, stops it, exits.
 * How it ends, and its exit codes: process-end.ts.
 */
export async function runService<C extends object>(options: ServiceOptions<C>): Promise<void> {
  const {
    name,
    env,
    argv,
    commands = {},
    // Looked at before the settings are read: what is wrong with them is told there.
    terminationLog = options.env['TERMINATION_LOG']?.trim() || defaultTerminationLog,
    stopWithinMs = 10_000,
  } = options
  const [, , word = '', ...args] = argv
  const load = Object.hasOwn(commands, word) ? commands[word] : undefined
  if (load) await runCommand(await load(), { env, args })
  const processEnd = watchProcess({ name, terminationLog, stopWithinMs })
  try {
    refuseUnknownWord(word, Object.keys(commands))
    await live(options, processEnd)
  } catch (error) {
    await processEnd.end({ error })
  }
  await processEnd.end()
}

// A service beside the one that runs is the last thing that somebody wants who mistyped a command.
function refuseUnknownWord(word: string, known: readonly string[]): void {
  if (known.length === 0 || word === '' || word.startsWith('-')) return
  const remedy = `use ${known.join(', ')}, or flags alone to run the service`
  throw new FatalError(`unknown word ${JSON.stringify(word)}`, { remedy })
}

async function live<C extends object>(options: ServiceOptions<C>, processEnd: ProcessEnd): Promise<void> {
  const { name, env, argv } = options
  const { witnesses, signal, fail } = processEnd
  const { scrubber } = witnesses
  const openFile = (path: string) =>
    openSecretFile(path, { onEvent: (event) => tellOfSecretFile(event, witnesses.log) })
  const config = readServiceConfig({ env, argv: argv.slice(2), openFile }, options.settings, options.check)
  for (const secret of secretsIn({ ...config.own, ...config.process })) scrubber.add(secret)

  const { logLevel, httpPort, httpHost, sentryDsn, sentryEnvironment } = config.process
  const log = createLogger({ service: name, level: logLevel, scrubber })
  witnesses.log = log
  if (sentryDsn)
    witnesses.reporter = await startSentry({
      dsn: sentryDsn.reveal(),
      environment: sentryEnvironment,
      service: name,
      scrubber,
    })
  const { report } = witnesses.reporter
  const metrics = createMetrics()
  const health = createHealth()
  health.set('start', { ok: false, detail: 'still starting' })

  await using started = new AsyncDisposableStack()
  const server = started.use(
    await serveHealth({ port: httpPort, host: httpHost, health, metrics, scrub: scrubber.scrub }),
  )
  log.info({ config: { ...config.process, ...config.own }, httpPort: server.port }, 'starting')
  const service = await startUnlessStopped(
    options.start(config.own, { log, metrics, health, signal, report, fail }),
    processEnd,
  )
  if (service === undefined && !signal.aborted) return
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

// A start that was cut off by the stop may fail in any way: that is no failure of the process.
async function startUnlessStopped(
  starting: Promise<AsyncDisposable | undefined>,
  { signal, witnesses }: ProcessEnd,
): Promise<AsyncDisposable | undefined> {
  try {
    return await starting
  } catch (error) {
    if (!signal.aborted) throw error
    witnesses.log?.info({ err: error }, 'stopped while starting')
    return undefined
  }
}

function tellOfSecretFile(event: SecretFileEvent, log: Logger | undefined): void {
  if (event.kind === 'rotated') log?.info({ path: event.path }, 'secret file was rotated')
  else log?.warn({ ...event }, 'secret file cannot be read, its last value stays in use')
}
