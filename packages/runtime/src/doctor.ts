// Owns how a process tells what is wrong with what it stands on.
import { styleText } from 'node:util'
import { type CommandIo, defineCommand, type RunCommand, readCommandSettings } from './command.ts'
import type { SettingProblem, SettingsRead } from './env.ts'
import { createScrubber } from './scrubber.ts'
import { secretsIn } from './service-config.ts'
import type { SettingsOf } from './setting.ts'

/** One line of a doctor. `unclear`: nobody may look there, which is no fault by itself. */
export interface Finding {
  /** What was looked at: `channel #shop`. */
  readonly about: string
  readonly state: 'ok' | 'problem' | 'unclear'
  readonly detail: string
  /** An order: what to do about it. */
  readonly remedy?: string
  /** The channels that a namespace names, for whoever can look at channels. */
  readonly channels?: readonly string[]
}

export interface Doctor<C extends object> {
  /** The process it speaks for. */
  readonly process: string
  readonly settings: SettingsOf<C>
  readonly check?: (config: Readonly<C>) => readonly SettingProblem[]
  /** What it can be told beside `--json`, each with a value. */
  readonly options?: readonly string[]
  readonly usage: string
  readonly examine: (
    config: Readonly<C>,
    call: Pick<CommandIo, 'options' | 'signal'>,
  ) => AsyncIterable<Finding>
}

/** Exit code 0: no problem. 1: at least one. 2: asked wrongly. */
export function defineDoctor<C extends object>(doctor: Doctor<C>): RunCommand {
  const { process, settings, usage, options = [] } = doctor
  return async (call) =>
    await defineCommand({
      name: `${process} doctor`,
      usage,
      settings: {},
      options: {
        json: { type: 'boolean' },
        ...Object.fromEntries(flagsOf(settings).map(([name, kind]) => [name, { type: kind }])),
        ...Object.fromEntries(options.map((name) => [name, { type: 'string' as const }])),
      },
      run: async (_, { print, options: given, signal }) => {
        const isJson = given['json'] === true
        const read = readCommandSettings(call, settings)
        const { scrub, add } = createScrubber()
        for (const secret of secretsIn(read.ok ? read.config : {})) add(secret)
        const findings: Finding[] = []
        for await (const finding of examineAll(doctor, read, { options: given, signal })) {
          findings.push(finding)
          if (!isJson) print(scrub(findingText(finding)))
        }
        const ok = findings.every(({ state }) => state !== 'problem')
        if (isJson) print(scrub(JSON.stringify({ process, ok, findings })))
        return ok ? 0 : 1
      },
    })(call)
}

async function* examineAll<C extends object>(
  { check, examine }: Doctor<C>,
  read: SettingsRead<C>,
  given: Parameters<Doctor<C>['examine']>[1],
): AsyncIterable<Finding> {
  const problems = read.ok ? (check?.(read.config) ?? []) : read.problems
  for (const { name, problem, remedy } of problems)
    yield { about: `setting ${name}`, state: 'problem', detail: problem, remedy }
  if (!read.ok || problems.length > 0) return
  yield { about: 'settings', state: 'ok', detail: 'complete' }
  yield* examine(read.config, given)
}

function flagsOf(settings: object): [string, 'boolean' | 'string'][] {
  return Object.values(settings as Record<string, { flag?: string; kind: string }>).flatMap(
    ({ flag, kind }) => (flag === undefined ? [] : [[flag, kind === 'boolean' ? 'boolean' : 'string']]),
  )
}

const colours = { ok: 'green', problem: 'red', unclear: 'yellow' } as const

/** Colour only where it is seen as such, and never the only carrier of meaning. */
export function findingText({ about, state, detail, remedy }: Finding): string {
  const word = styleText(colours[state], state.padEnd(7), { stream: process.stdout })
  return `${word} ${about}: ${detail}${remedy === undefined ? '' : `\n        → ${remedy}`}`
}
