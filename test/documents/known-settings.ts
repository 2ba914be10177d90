import { provisionSettings } from '@hermod/jetstream'
import { type AnySettings, describeSettings, processSettings } from '@hermod/runtime'
import { dedupeSettings } from '../../services/dedupe/src/config.ts'
import { notifierSettings } from '../../services/notifier/src/config.ts'
import { watcherSettings } from '../../services/watcher/src/config.ts'

/** All that each process can be told, by the name that it has in docker-compose.yml and in k8s/. */
export const settingsOf: Readonly<Record<string, AnySettings>> = {
  provision: { ...processSettings, ...provisionSettings },
  watcher: { ...processSettings, ...watcherSettings },
  dedupe: { ...processSettings, ...dedupeSettings },
  notifier: { ...processSettings, ...notifierSettings },
}

/** The variables among these that the process would ignore. */
export function unknownVariables(process: string, given: readonly string[]): readonly string[] {
  const known = describeSettings(settingsOf[process] ?? {}).flatMap(({ variables }) => variables)
  return given.filter((variable) => !known.includes(variable))
}

/** What the process must be told and is not, with every name it could be given by. */
export function missingSettings(process: string, given: readonly string[]): readonly string[] {
  return describeSettings(settingsOf[process] ?? {})
    .filter(({ required, variables }) => required && !variables.some((variable) => given.includes(variable)))
    .map(({ names }) => names.join(' or '))
}
