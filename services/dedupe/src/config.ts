import { type NatsConfig, natsSettings } from '@hermod/jetstream'
import type { SettingsOf } from '@hermod/runtime'

/** What dedupe can be told. */
export interface DedupeConfig extends NatsConfig {}

export const dedupeSettings: SettingsOf<DedupeConfig> = { ...natsSettings }
