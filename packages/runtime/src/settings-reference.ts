import type { AnySettings, Setting } from './setting.ts'

/** What a person who configures a service wants to know of one setting. */
export interface SettingDescription {
  /** As one writes them: flag first, then variables; a secret's NAME_FILE last. */
  readonly names: readonly string[]
  readonly variables: readonly string[]
  readonly kind: string
  readonly default: string | undefined
  readonly required: boolean
  readonly about: string
}

export function describeSettings(settings: AnySettings): readonly SettingDescription[] {
  return Object.values(settings).map(describeSetting)
}

/** A Markdown table, one row a setting. */
export function settingsTable(settings: AnySettings): string {
  const rows = describeSettings(settings).map(({ names, kind, required, about, ...setting }) => [
    names.map((name) => `\`${name}\``).join(' '),
    about,
    kind,
    required ? '**required**' : setting.default ? `\`${setting.default}\`` : '',
  ])
  return [['set by', 'what', 'kind', 'default'], ['---', '---', '---', '---'], ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n')
}

function describeSetting(setting: Setting<unknown>): SettingDescription {
  const { flag, fileVariable, kind, about, absent } = setting
  const variables = [...setting.variables, ...(fileVariable === undefined ? [] : [fileVariable])]
  return {
    names: [...(flag === undefined ? [] : [`--${flag}`]), ...variables],
    variables,
    kind,
    default: setting.default,
    required: absent === undefined,
    about,
  }
}
