import { buckets, streams } from '@hermod/contracts'
import { examineNats } from '@hermod/jetstream'
import { defineDoctor, type RunCommand } from '@hermod/runtime'
import { checkNotifierConfig, notifierSettings } from './config.ts'
import { examineSlack } from './examine-slack.ts'

const names = [streams.rollouts.name, streams.deliveries.name, `KV_${buckets.cards.name}`]

/** What the notifier stands on: NATS, its token, and the channels that it is to tell. */
export const notifierDoctor: RunCommand = defineDoctor({
  process: 'notifier',
  usage: `usage: doctor [--json] [--channels NAME,NAME…]
Looks at NATS, at the token and its scopes, and at each channel: those of the settings, and those given here, as the
watcher's doctor names them for each namespace. It posts nothing.`,
  settings: notifierSettings,
  check: checkNotifierConfig,
  options: ['channels'],
  async *examine(config, { options, signal }) {
    yield* examineNats(config, { streams: names, signal })
    yield* examineSlack(config, String(options['channels'] ?? ''))
  },
})
