import { natsSettings, provisionSettings } from '@hermod/jetstream'
import { type AnySettings, processSettings, settingsTable } from '@hermod/runtime'
import { dedupeSettings } from '../../services/dedupe/src/config.ts'
import { notifierSettings } from '../../services/notifier/src/config.ts'
import { watcherSettings } from '../../services/watcher/src/config.ts'
import { withWrittenPart } from './written-part.ts'

const shared: AnySettings = { ...natsSettings, ...processSettings }

/** The part of services/README.md that lists every setting, made from the config.ts files themselves. */
function configurationReference(): string {
  const sections: readonly (readonly [title: string, settings: AnySettings])[] = [
    ['every process', shared],
    ['watcher', own(watcherSettings)],
    ['dedupe', own(dedupeSettings)],
    ['notifier', own(notifierSettings)],
    ['provision', own(provisionSettings)],
  ]
  return sections.map(([title, settings]) => `### ${title}\n\n${settingsTable(settings)}`).join('\n\n')
}

/** The text of services/README.md with its reference brought up to date. */
export function withReference(readme: string): string {
  return withWrittenPart(readme, configurationReference(), 'services/README.md')
}

function own(settings: AnySettings): AnySettings {
  return Object.fromEntries(Object.entries(settings).filter(([key]) => !(key in shared)))
}
