// Owns a process that does one thing for a person and ends.
// 1. What was asked for goes to standard output; what hinders goes to standard error, one line and its remedy.
// 2. Exit code 0: all is well. 1: it is not, or an outage. 2: only a person can mend it (settings, usage, rights).
// 3. No line leaves unscrubbed.
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import {
  describeProblems,
  readSettings,
  type SettingProblem,
  type SettingsRead,
  type SettingsSource,
} from './env.ts'
import { FatalError, remedyOf } from './fatal-error.ts'
import { createScrubber } from './scrubber.ts'
import { openSecretFile } from './secret-file.ts'
import { secretsIn } from './service-config.ts'
import type { AnySettings, SettingsOf } from './setting.ts'

/** What a command is called with; the first word, its own name, is left out of `args`. */
export interface CommandCall {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly args: readonly string[]
  readonly print: (line: string) => void
  readonly complain: (line: string) => void
  /** All of standard input. */
  readonly readInput?: () => Promise<string>
  /** Aborted when whoever called does not want it any more. */
  readonly signal: AbortSignal
}

/** Resolves to the exit code; never rejects. */
export type RunCommand = (call: CommandCall) => Promise<number>

/** What the person said and how to answer. */
export interface CommandIo extends Pick<CommandCall, 'print' | 'complain' | 'signal'> {
  readonly words: readonly string[]
  readonly options: Readonly<Record<string, string | boolean | undefined>>
}

export interface Command<C extends object> {
  readonly name: string
  /** As `--help` shows it, several lines. */
  readonly usage: string
  readonly settings: SettingsOf<C>
  readonly check?: (config: Readonly<C>) => readonly SettingProblem[]
  /** What it can be told beside the flags of its settings. */
  readonly options?: ParseArgsOptionsConfig
  readonly run: (config: Readonly<C>, io: CommandIo) => Promise<number>
}

export function defineCommand<C extends object>(command: Command<C>): RunCommand {
  return async (call) => {
    const { scrub, add } = createScrubber()
    const print = (line: string): void => call.print(scrub(line))
    const complain = (line: string): void => call.complain(scrub(line))
    try {
      const { words, options } = readArguments(command, call.args)
      if (options['help'] === true) {
        print(command.usage)
        return 0
      }
      const config = configOf(command, call)
      for (const secret of secretsIn(config)) add(secret)
      return await command.run(config, { words, options, print, complain, signal: call.signal })
    } catch (error) {
      complain(`${command.name}: ${describeFailure(error)}`)
      return remedyOf(error) === undefined ? 1 : 2
    }
  }
}

/** Somebody asked wrongly: says how to ask. */
export class UsageError extends FatalError {
  constructor(message: string, usage: string) {
    super(message, { remedy: `\n${usage}` })
  }
}

function configOf<C extends object>({ settings, check }: Command<C>, call: CommandCall): Readonly<C> {
  const read = readCommandSettings(call, settings)
  const problems = read.ok ? (check?.(read.config) ?? []) : read.problems
  if (read.ok && problems.length === 0) return read.config
  throw new FatalError('cannot work with these settings', { remedy: `\n${describeProblems(problems)}` })
}

export function readCommandSettings<C extends object>(
  { env, args }: Pick<CommandCall, 'env' | 'args'>,
  settings: SettingsOf<C>,
): SettingsRead<C> {
  const openFile: SettingsSource['openFile'] = (path) => openSecretFile(path, { onEvent: () => undefined })
  return readSettings({ env, argv: args, openFile }, settings)
}

function readArguments(
  {
    settings,
    options = {},
    usage,
  }: Pick<Command<object>, 'options' | 'usage'> & { readonly settings: object },
  args: readonly string[],
): Pick<CommandIo, 'words' | 'options'> {
  const flags = Object.values(settings as AnySettings).flatMap(({ flag, kind }) =>
    flag === undefined ? [] : [[flag, { type: kind === 'boolean' ? 'boolean' : 'string' }] as const],
  )
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { ...Object.fromEntries(flags), ...options, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    })
    return { words: positionals, options: values }
  } catch (error) {
    // Node adds how to pass what looks like an option as a word, which nobody means.
    const [problem = ''] = (error instanceof Error ? error.message : String(error)).split('. To specify')
    throw new UsageError(problem, usage)
  }
}

function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const remedy = remedyOf(error)
  if (remedy === undefined) return error.message || error.name
  return `${error.message}:${remedy.startsWith('\n') ? '' : ' '}${remedy}`
}
