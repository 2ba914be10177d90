import { checkNatsConfig, type NatsConfig, natsSettings } from '@hermod/jetstream'
import { type SettingProblem, type SettingsOf, setting, valid } from '@hermod/runtime'

// As whom the page listens to a NATS that was given: the services read the same for themselves.
type NatsLogin = Omit<NatsConfig, 'natsUrls'>

const { natsUrls: _usual, ...natsLogin } = natsSettings

/** What `npm start` itself looks at; whatever else is set reaches the services as it is. */
export interface SandboxConfig extends NatsLogin {
  /** Which cluster stands in when no kubeconfig is given. */
  readonly cluster: 'model' | 'real'
  /** Whether scenarios are played by themselves there. */
  readonly loop: boolean
  readonly kubeconfig: string | undefined
  /** Whether there is one: the token itself is the notifier's alone. */
  readonly slackToken: true | undefined
  readonly slackApiUrl: string | undefined
  readonly natsUrls: readonly string[] | undefined
  readonly httpPort: number | undefined
  readonly clusterName: string | undefined
  readonly home: string | undefined
  readonly xdgStateHome: string | undefined
  readonly xdgCacheHome: string | undefined
}

export const sandboxSettings: SettingsOf<SandboxConfig> = {
  cluster: setting.oneOf(['model', 'real'], {
    flag: 'cluster',
    default: 'model',
    about: 'the cluster when no kubeconfig is given: a model of one, or a real control plane, built once',
  }),
  loop: setting.boolean({
    flag: 'loop',
    default: true,
    about: 'whether rollouts of every kind are played by themselves; the page has a button for each',
  }),
  kubeconfig: setting.string({
    flag: 'kubeconfig',
    variable: ['KUBE_CONFIG', 'KUBECONFIG'],
    optional: true,
    about: 'the kubeconfig file of the cluster to watch; a cluster of our own if not set',
  }),
  slackToken: setting.parsed(
    { kind: 'secret', parse: () => valid(true as const) },
    {
      variable: ['SLACK_TOKEN', 'SLACK_TOKEN_FILE'],
      optional: true,
      about: "the Slack app's bot token; messages are shown in the terminal if not set",
    },
  ),
  slackApiUrl: setting.url({
    variable: 'SLACK_API_URL',
    optional: true,
    about: 'where the Slack API is; slack.com if not set',
  }),
  ...natsLogin,
  natsUrls: setting.urls({
    variable: 'NATS_URL',
    schemes: ['nats', 'tls'],
    optional: true,
    about: 'the NATS server with JetStream; one of our own if not set',
  }),
  httpPort: setting.integer({
    variable: 'HTTP_PORT',
    optional: true,
    min: 1,
    max: 65_535,
    about: "the port of dedupe's metrics; 2112 or a free one if not set",
  }),
  clusterName: setting.string({
    variable: 'CLUSTER_NAME',
    optional: true,
    about: 'what the cluster is called on the cards',
  }),
  home: setting.string({
    variable: 'HERMOD_HOME',
    optional: true,
    about: "the folder of state, logs and tools; the user's state and cache folders if not set",
  }),
  xdgStateHome: setting.string({
    variable: 'XDG_STATE_HOME',
    optional: true,
    about: "the user's state folder; ~/.local/state if not set",
  }),
  xdgCacheHome: setting.string({
    variable: 'XDG_CACHE_HOME',
    optional: true,
    about: "the user's cache folder; ~/.cache if not set",
  }),
}

/** Rules over several of the settings above. */
export function checkSandboxConfig(config: SandboxConfig): readonly SettingProblem[] {
  return checkNatsConfig({ ...config, natsUrls: config.natsUrls ?? [] })
}
