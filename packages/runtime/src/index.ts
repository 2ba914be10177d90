export { type BackoffRange, backoffMs } from './backoff.ts'
export {
  type Command,
  type CommandCall,
  type CommandIo,
  defineCommand,
  type RunCommand,
  UsageError,
} from './command.ts'
export { type Doctor, defineDoctor, type Finding, findingText } from './doctor.ts'
export { parseDuration } from './duration.ts'
export { ended } from './ended.ts'
export {
  describeProblems,
  readSettings,
  type SettingProblem,
  type SettingsRead,
  type SettingsSource,
} from './env.ts'
export { FatalError, remedyOf } from './fatal-error.ts'
export { type CheckReport, type CheckState, createHealth, type Health, type Readiness } from './health.ts'
export { createLogger, type Logger, type LoggerOptions, type LogLevel, type LogMethod } from './logger.ts'
export type { LabelDomain, LabelDomains, LabelValues } from './metric-labels.ts'
export {
  type Counter,
  createMetrics,
  type Gauge,
  type GaugeOptions,
  type Histogram,
  type HistogramOptions,
  type Labelled,
  type MetricOptions,
  type Metrics,
} from './metrics.ts'
export { type ProcessConfig, processSettings } from './process-settings.ts'
export { runCommand } from './run-command.ts'
export { runService, type ServiceDeps, type ServiceOptions } from './run-service.ts'
export { createScrubber, type Scrubber } from './scrubber.ts'
export { Secret } from './secret.ts'
export { type OpenedSecret, openSecretFile, type SecretFileEvent } from './secret-file.ts'
export { type AnySettings, invalid, type Parsed, type Setting, type SettingsOf, valid } from './setting.ts'
export { describeSettings, type SettingDescription, settingsTable } from './settings-reference.ts'
export { sleep } from './sleep.ts'
export { setting }

import * as setting from './setting-builders.ts'
