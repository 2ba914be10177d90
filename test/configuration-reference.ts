import { natsSettings, provisionSettings } from '@hermod/jetstream'
import { type AnySettings, processSettings, settingsTable } from '@hermod/runtime'
import { dedupeSettings } from '../services/dedupe/src/config.ts'
import { notifierSettings } from '../services/notifier/src/config.ts'
import { watcherSettings } from '../services/watcher/src/config.ts'

export const begin = '<!-- written by npm run docs: begin -->'
export const end = '<!-- written by npm run docs: end -->'

const shared: AnySettings = { ...natsSettings, ...processSettings }

/** The part of services/README.md that lists every setting, made from the config.ts files themselves. */
export function configurationReference(): string {
  const sections: readonly (readonly [title: string, settings: AnySettings])[] = [
    ['every process', shared],
    ['watcher', own(watcherSettings)],
    ['dedupe', own(dedupeSettings)],
    ['notifier', own(notifierSettings)],
    ['provision', own(provisionSettings)],
  ]
  return sections.map(([title, settings]) => `### ${title}\n\n${settingsTable(settings)}`).join('\n\n')
}

/** The text of services/README.md with its reference brought up to date. Throws when the marks are not there. */
export function withReference(readme: string): string {
  const from = readme.indexOf(begin)
  const to = readme.indexOf(end)
  if (from < 0 || to < from) throw new Error(`services/README.md lacks the lines ${begin} and ${end}`)
  return `${readme.slice(0, from)}${begin}\n\n${configurationReference()}\n\n${readme.slice(to)}`
}

function own(settings: AnySettings): AnySettings {
  return Object.fromEntries(Object.entries(settings).filter(([key]) => !(key in shared)))
}
