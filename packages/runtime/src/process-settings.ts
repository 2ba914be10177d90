import { type LogLevel, logLevels } from './logger.ts'
import type { Secret } from './secret.ts'
import { invalid, type Parsed, type SettingsOf, valid } from './setting.ts'
import * as setting from './setting-builders.ts'

/** Where the kubelet reads last words, unless a pod says otherwise. */
export const defaultTerminationLog = '/dev/termination-log'

/** What every process can be told, beside the settings of its service. */
export interface ProcessConfig {
  readonly logLevel: LogLevel
  /** 0 = any free port. */
  readonly httpPort: number
  readonly httpHost: string | undefined
  readonly sentryDsn: Secret | undefined
  readonly sentryEnvironment: string | undefined
  readonly terminationLog: string
}

export const processSettings: SettingsOf<ProcessConfig> = {
  logLevel: setting.oneOf(logLevels, {
    flag: 'level',
    variable: 'LOG_LEVEL',
    default: 'info',
    about: 'the least important log lines that are written',
  }),
  httpPort: setting.integer({
    variable: 'HTTP_PORT',
    default: 2112,
    min: 0,
    max: 65_535,
    about: 'the port of /metrics, /livez and /readyz; 0 = any free one',
  }),
  httpHost: setting.string({
    variable: 'HTTP_HOST',
    optional: true,
    about: 'the address that port is opened on; all if not set',
  }),
  sentryDsn: setting.secret({
    variable: 'SENTRY_ENDPOINT',
    optional: true,
    about: 'the Sentry DSN that errors are reported to; not reported if not set',
    check: parseDsn,
  }),
  sentryEnvironment: setting.string({
    variable: 'SENTRY_ENVIRONMENT',
    optional: true,
    about: 'the environment that Sentry files them under',
  }),
  terminationLog: setting.string({
    variable: 'TERMINATION_LOG',
    default: defaultTerminationLog,
    about: 'the file that takes the last words of a process that ends badly; it is never made',
  }),
}

function parseDsn(text: string): Parsed<string> {
  const url = URL.parse(text)
  const whole =
    url !== null && /^https?:$/.test(url.protocol) && url.username !== '' && /\/\d+$/.test(url.pathname)
  return whole
    ? valid(text)
    : invalid('is not a Sentry DSN', 'give the one that Sentry shows for the project')
}
