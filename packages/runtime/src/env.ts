import { readFlags } from './flags.ts'
import { scrubPatterns } from './scrubber.ts'
import type { OpenedSecret } from './secret-file.ts'
import type { AnySettings, Parsed, Setting, SettingsOf } from './setting.ts'

/** Where settings come from. `openFile` is asked only for what a NAME_FILE variable names. */
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

/** Reads every setting and tells all problems at once. '' is unset; what no setting names is ignored. */
export function readSettings<C extends object>(
  source: SettingsSource,
  settings: SettingsOf<C>,
): SettingsRead<C> {
  // TypeScript does not see that a mapped type over any C is a record of settings.
  const entries = Object.entries(settings as unknown as AnySettings)
  const flags = readFlags(source.argv, flagKinds(entries.map(([, setting]) => setting)))
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

function flagKinds(settings: readonly Setting<unknown>[]): ReadonlyMap<string, 'boolean' | 'valued'> {
  return new Map(
    settings.flatMap(({ flag, kind }) =>
      flag === undefined ? [] : [[flag, kind === 'boolean' ? 'boolean' : 'valued'] as const],
    ),
  )
}

function readSetting(setting: Setting<unknown>, source: SettingsSource, flags: Flags): SettingRead {
  const { flag, fileVariable, absent, parse } = setting
  if (flag !== undefined && flags.has(flag) && flags.get(flag) === undefined) {
    return refused(`--${flag}`, 'has no value', `write --${flag}=VALUE`)
  }
  const given = givenText(setting, source.env, flags)
  const path = fileVariable === undefined ? undefined : source.env[fileVariable]?.trim()
  if (fileVariable !== undefined && path) {
    if (given !== undefined)
      return refused(given.name, `and ${fileVariable} are both set`, 'keep one of them')
    return readFromFile(setting, fileVariable, source.openFile(path))
  }
  if (given !== undefined) {
    const what = fileVariable === undefined ? `= ${quoted(given.text)} ` : ''
    return accept(parse(given.text), given.name, what)
  }
  return absent === undefined ? missing(setting) : { ok: true, value: absent.value }
}

interface Given {
  readonly name: string
  readonly text: string
}

function givenText(setting: Setting<unknown>, env: SettingsSource['env'], flags: Flags): Given | undefined {
  const { flag, variables, fileVariable } = setting
  // Blanks may belong to a secret, the line end that `echo` adds does not.
  const clean = (text = ''): string =>
    fileVariable === undefined ? text.trim() : text.replace(/[\r\n]+$/, '')
  const texts = variables.map((name) => ({ name, text: clean(env[name]) }))
  if (flag !== undefined) texts.unshift({ name: `--${flag}`, text: clean(flags.get(flag)) })
  return texts.find(({ text }) => text !== '')
}

function readFromFile({ parse }: Setting<unknown>, name: string, opened: OpenedSecret): SettingRead {
  const what = 'names a file that'
  if (!opened.ok) return refused(name, `${what} is no use, for ${opened.problem}`, 'mount it or name another')
  const { secret } = opened
  const parsed = parse(secret.reveal())
  return accept(parsed.ok ? { ok: true, value: secret } : parsed, name, `${what} `)
}

function accept(parsed: Parsed<unknown>, name: string, what: string): SettingRead {
  return parsed.ok ? parsed : refused(name, `${what}${parsed.problem}`, parsed.remedy)
}

function missing({ variables, flag, fileVariable, about }: Setting<unknown>): SettingRead {
  const it = fileVariable === undefined ? 'it' : `it, or ${fileVariable} to a file,`
  return refused(variables[0] ?? `--${flag}`, 'is not set', `set ${it} to ${about}`)
}

function refused(name: string, problem: string, remedy: string): SettingRead {
  return { ok: false, problem: { name, problem, remedy } }
}

function quoted(text: string): string {
  const safe = scrubPatterns(text)
  return JSON.stringify(safe.length > 60 ? `${safe.slice(0, 60)}…` : safe)
}
