import { checkNatsConfig, type NatsConfig, natsSettings } from '@hermod/jetstream'
import { invalid, type Parsed, type SettingProblem, type SettingsOf, setting, valid } from '@hermod/runtime'
import { type SandboxConfig, sandboxSettings } from './sandbox-settings.ts'

const partNames = ['cluster', 'slack', 'board'] as const
type PartName = (typeof partNames)[number]

/** What a process of chosen parts looks at. */
export interface PartsConfig
  extends NatsConfig,
    Pick<SandboxConfig, 'kubeconfig' | 'slackToken' | 'home' | 'xdgStateHome' | 'xdgCacheHome' | 'loop'> {
  readonly parts: readonly PartName[]
  /** The address that everything listens on. */
  readonly listen: string
  /** The name under which others reach it, as the kubeconfig tells. */
  readonly host: string
  readonly pagePort: number
  readonly clusterPort: number
  readonly slackPort: number
}

const { kubeconfig, slackToken, home, xdgStateHome, xdgCacheHome, loop } = sandboxSettings

export const partsSettings: SettingsOf<PartsConfig> = {
  ...natsSettings,
  parts: setting.parsed(
    { kind: 'list', parse: parseParts, write: (parts) => parts.join(',') },
    {
      flag: 'parts',
      variable: 'SANDBOX_PARTS',
      default: partNames,
      about: 'what runs: cluster, slack (its page shows the board too) and board; what is real is left out',
    },
  ),
  listen: setting.string({
    flag: 'listen',
    variable: 'SANDBOX_LISTEN',
    default: '127.0.0.1',
    about:
      'the address that all of it listens on; the page answers to loopback names alone, whatever this is',
  }),
  host: setting.string({
    variable: 'SANDBOX_HOST',
    default: '127.0.0.1',
    about: 'the name under which the watcher reaches the cluster, written into its kubeconfig',
  }),
  pagePort: setting.integer({
    variable: 'SANDBOX_PAGE_PORT',
    default: 8420,
    min: 1,
    max: 65_535,
    about: 'the port of the page',
  }),
  clusterPort: setting.integer({
    variable: 'SANDBOX_CLUSTER_PORT',
    default: 8421,
    min: 1,
    max: 65_535,
    about: "the port of the cluster's API",
  }),
  slackPort: setting.integer({
    variable: 'SANDBOX_SLACK_PORT',
    default: 8422,
    min: 1,
    max: 65_535,
    about: "the port of Slack's API; SLACK_API_URL of the notifier is http://HOST:PORT/api/",
  }),
  kubeconfig,
  slackToken,
  home,
  xdgStateHome,
  xdgCacheHome,
  loop,
}

export function checkPartsConfig(config: PartsConfig): readonly SettingProblem[] {
  return checkNatsConfig(config)
}

function parseParts(text: string): Parsed<readonly PartName[]> {
  const given = text.split(/[\s,]+/).filter(Boolean)
  const known = partNames.filter((name) => given.includes(name))
  if (given.length > 0 && known.length === new Set(given).size) return valid(known)
  return invalid('names a part that there is not', `name some of ${partNames.join(', ')}`)
}
