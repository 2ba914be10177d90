import { describeProblems, readSettings, type SettingProblem, type SettingsSource } from './env.ts'
import { FatalError } from './fatal-error.ts'
import { type ProcessConfig, processSettings } from './process-settings.ts'
import { Secret } from './secret.ts'
import type { SettingsOf } from './setting.ts'

export interface ServiceConfig<C> {
  readonly own: Readonly<C>
  readonly process: Readonly<ProcessConfig>
}

/** A FatalError tells all problems at once: of the service, of the process, and then of `check`. */
export function readServiceConfig<C extends object>(
  source: SettingsSource,
  settings: SettingsOf<C>,
  check: (config: Readonly<C>) => readonly SettingProblem[] = () => [],
): ServiceConfig<C> {
  const own = readSettings(source, settings)
  const process = readSettings(source, processSettings)
  const problems = [own, process].flatMap((read) => (read.ok ? [] : read.problems))
  if (own.ok) problems.push(...check(own.config))
  if (own.ok && process.ok && problems.length === 0) return { own: own.config, process: process.config }
  throw new FatalError('cannot start with these settings', { remedy: `\n${describeProblems(problems)}` })
}

/** Secrets, and the passwords in URLs, which libraries print on their own. */
export function secretsIn(config: object): readonly Secret[] {
  return Object.values(config)
    .flat()
    .flatMap((value: unknown) => {
      if (value instanceof Secret) return [value]
      const password = typeof value === 'string' ? URL.parse(value)?.password : undefined
      return password ? [Secret.of(password), Secret.of(decoded(password))] : []
    })
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
