import { type Secret, type SettingProblem, type SettingsOf, setting } from '@hermod/runtime'
import type { ConnectOptions } from './connect.ts'
import type { Credentials } from './credentials.ts'

/** How a process reaches NATS; the same variables for every service. */
export interface NatsConfig {
  readonly natsUrls: readonly string[]
  readonly natsUser: string | undefined
  readonly natsPassword: Secret | undefined
  readonly natsNkeySeed: Secret | undefined
  readonly natsCreds: Secret | undefined
  readonly natsCaFile: string | undefined
  readonly natsCertFile: string | undefined
  readonly natsKeyFile: string | undefined
}

export const natsSettings: SettingsOf<NatsConfig> = {
  natsUrls: setting.urls({
    variable: 'NATS_URL',
    schemes: ['nats', 'tls'],
    default: ['nats://127.0.0.1:4222'],
    about: 'the NATS servers; tls:// insists on TLS',
  }),
  natsUser: setting.string({
    variable: 'NATS_USER',
    optional: true,
    about: 'the NATS user, whose rights name the inbox _INBOX_<user>',
  }),
  natsPassword: setting.secret({
    variable: 'NATS_PASSWORD',
    optional: true,
    about: 'the password of NATS_USER',
  }),
  natsNkeySeed: setting.secret({
    variable: 'NATS_NKEY_SEED',
    optional: true,
    about: 'the nkey seed of this user, instead of a password',
  }),
  natsCreds: setting.secret({
    variable: 'NATS_CREDS',
    optional: true,
    multiline: true,
    about: 'the text of a .creds file, instead of a password',
  }),
  natsCaFile: setting.string({
    variable: 'NATS_CA_FILE',
    optional: true,
    about: 'the PEM file of the authority that signed the server certificate',
  }),
  natsCertFile: setting.string({
    variable: 'NATS_CERT_FILE',
    optional: true,
    about: 'the PEM file of our own certificate',
  }),
  natsKeyFile: setting.string({
    variable: 'NATS_KEY_FILE',
    optional: true,
    about: 'the PEM file of its key',
  }),
}

/** Rules over several of the settings above. */
export function checkNatsConfig(config: NatsConfig): readonly SettingProblem[] {
  const { natsUser, natsPassword, natsNkeySeed, natsCreds, natsCertFile, natsKeyFile } = config
  const problems: SettingProblem[] = []
  const problem = (name: string, text: string, remedy: string): void => {
    problems.push({ name, problem: text, remedy })
  }
  if (natsUser !== undefined && !/^[A-Za-z0-9_-]+$/.test(natsUser))
    problem('NATS_USER', 'cannot name an inbox', 'use letters, digits, - and _ only')
  if (natsPassword && natsUser === undefined)
    problem('NATS_PASSWORD', 'is set without NATS_USER', 'set NATS_USER too')
  if ([natsPassword, natsNkeySeed, natsCreds].filter(Boolean).length > 1)
    problem(
      'NATS_PASSWORD',
      'is not the only proof of who we are',
      'keep one of it, NATS_NKEY_SEED and NATS_CREDS',
    )
  if ((natsCertFile === undefined) !== (natsKeyFile === undefined))
    problem('NATS_CERT_FILE', 'and NATS_KEY_FILE are not both set', 'set both or none')
  return problems
}

/** What `connectJetStream` needs of them; secrets are asked for again at each dial. */
export function natsConnectOptions(
  config: NatsConfig,
): Pick<ConnectOptions, 'servers' | 'user' | 'credentials' | 'tls'> {
  const { natsUrls, natsUser, natsCaFile, natsCertFile, natsKeyFile } = config
  const credentials = credentialsOf(config)
  const tls = {
    ...(natsCaFile !== undefined && { caFile: natsCaFile }),
    ...(natsCertFile !== undefined && { certFile: natsCertFile }),
    ...(natsKeyFile !== undefined && { keyFile: natsKeyFile }),
  }
  return {
    servers: natsUrls,
    ...(natsUser !== undefined && { user: natsUser }),
    ...(credentials && { credentials }),
    ...(Object.keys(tls).length > 0 && { tls }),
  }
}

function credentialsOf(config: NatsConfig): (() => Credentials) | undefined {
  const { natsUser: user = '', natsPassword, natsNkeySeed, natsCreds } = config
  if (natsCreds) return () => ({ kind: 'creds', text: natsCreds.reveal() })
  if (natsNkeySeed) return () => ({ kind: 'nkey', seed: natsNkeySeed.reveal() })
  if (natsPassword) return () => ({ kind: 'password', user, password: natsPassword.reveal() })
  return undefined
}
