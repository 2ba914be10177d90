import { defineDoctor, type RunCommand } from '@hermod/runtime'
import { examineNats, fsyncFinding, usualMonitor } from './examine-nats.ts'
import { checkNatsConfig, natsSettings } from './nats-settings.ts'

/** NATS itself: every stream and bucket, their settings and fill, and whether what is acknowledged is kept. */
export const provisionDoctor: RunCommand = defineDoctor({
  process: 'provision',
  usage: `usage: doctor [--json] [--nats-monitor URL]
Looks at NATS: streams, buckets, their settings, their fill, and whether it flushes to disk.`,
  settings: natsSettings,
  check: checkNatsConfig,
  options: ['nats-monitor'],
  async *examine(config, { options, signal }) {
    yield* examineNats(config, { signal })
    const monitor = options['nats-monitor']
    yield await fsyncFinding(typeof monitor === 'string' ? monitor : usualMonitor(config), signal)
  },
})
