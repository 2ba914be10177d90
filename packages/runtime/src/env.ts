import { readFlags } from './flags.ts'
import { scrubPatterns } from './scrubber.ts'
import type { OpenedSecret } from './secret-file.ts'
import type { AnySettings, Setting, SettingsOf } from './setting.ts'

/** Where settings come from. `openFile` is only asked for what a NAME_FILE variable names. */
export interface SettingsSource {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Without the program itself. */
  readonly argv: readonly string[]
  readonly openFile: (path: string) => OpenedSecret
}

export interface SettingProblem {
  /** The variable or flag, as one would write it. */
  readonly name: string
  readonly problem: string
  readonly remedy: string
}

export type SettingsRead<C> =
  | { readonly ok: true; readonly config: Readonly<C> }
  | { readonly ok: false; readonly problems: readonly SettingProblem[] }

/** Reads every setting; '' is unset, what no setting names is ignored, and all problems are told at once. */
export function readSettings<C extends object>(
  source: SettingsSource,
  settings: SettingsOf<C>,
): SettingsRead<C> {
  // A mapped type over a type parameter cannot be iterated with its value types kept.
  const entries = Object.entries(settings as unknown as AnySettings)
  const flags = readFlags(source.argv, flagNames(entries.map(([, setting]) => setting)))
  const problems: SettingProblem[] = []
  const values: [string, unknown][] = []
  for (const [key, setting] of entries) {
    const read = readSetting(setting, source, flags)
    if (read.ok) values.push([key, read.value])
    else problems.push(read.problem)
  }
  if (problems.length > 0) return { ok: false, problems }
  return { ok: true, config: Object.freeze(Object.fromEntries(values)) as Readonly<C> }
}

/** One line a problem; holds no secret. */
export function describeProblems(problems: readonly SettingProblem[]): string {
  return problems.map(({ name, problem, remedy }) => `  ${name} ${problem}: ${remedy}`).join('\n')
}

type Flags = ReadonlyMap<string, string | undefined>

type SettingRead =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problem: SettingProblem }

function flagNames(settings: readonly Setting<unknown>[]): ReadonlyMap<string, 'valued' | 'boolean'> {
  return new Map(
    settings.flatMap(({ flag, kind }) =>
      flag === undefined ? [] : [[flag, kind === 'boolean' ? 'boolean' : 'valued'] as const],
    ),
  )
}

function readSetting(setting: Setting<unknown>, source: SettingsSource, flags: Flags): SettingRead {
  const { flag, fileVariable } = setting
  if (flag !== undefined && flags.has(flag) && flags.get(flag) === undefined) {
    return refused(`--${flag}`, 'has no value', `write --${flag}=VALUE`)
  }
  const given = givenText(setting, source.env, flags)
  const path = fileVariable === undefined ? undefined : source.env[fileVariable]
  if (fileVariable !== undefined && path) {
    if (given !== undefined)
      return refused(given.name, `and ${fileVariable} are both set`, 'keep one of them')
    return readFromFile(setting, fileVariable, source.openFile(path))
  }
  if (given !== undefined) return parseGiven(setting, given)
  if (setting.absent !== undefined) return { ok: true, value: setting.absent.value }
  return refused(nameOf(setting), 'is not set', `set it to ${setting.about}`)
}

interface Given {
  readonly name: string
  readonly text: string
}

function givenText(
  { flag, variables }: Setting<unknown>,
  env: SettingsSource['env'],
  flags: Flags,
): Given | undefined {
  const byFlag = flag === undefined ? undefined : flags.get(flag)
  if (byFlag) return { name: `--${flag}`, text: byFlag }
  const name = variables.find((each) => env[each])
  return name === undefined ? undefined : { name, text: env[name] ?? '' }
}

function parseGiven({ kind, parse }: Setting<unknown>, { name, text }: Given): SettingRead {
  if (kind !== 'secret') {
    const parsed = parse(text.trim())
    return parsed.ok ? parsed : refused(name, `= ${shown(text)} ${parsed.problem}`, parsed.remedy)
  }
  // A value made with `echo` ends in a line end that nobody meant.
  const parsed = parse(text.replace(/[\r\n]+$/, ''))
  return parsed.ok ? parsed : refused(name, parsed.problem, parsed.remedy)
}

function readFromFile({ parse }: Setting<unknown>, name: string, opened: OpenedSecret): SettingRead {
  if (!opened.ok)
    return refused(name, `names a file that is no use, ${opened.problem}`, 'mount it, or name another')
  const checked = parse(opened.secret.reveal())
  return checked.ok
    ? { ok: true, value: opened.secret }
    : refused(name, `names a file that ${checked.problem}`, checked.remedy)
}

function refused(name: string, problem: string, remedy: string): SettingRead {
  return { ok: false, problem: { name, problem, remedy } }
}

function nameOf({ variables, flag }: Setting<unknown>): string {
  return variables[0] ?? `--${flag}`
}

function shown(text: string): string {
  const safe = scrubPatterns(text)
  return JSON.stringify(safe.length > 60 ? `${safe.slice(0, 60)}…` : safe)
}
