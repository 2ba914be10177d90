import { setFlagsFromString } from 'node:v8'
import { runService } from '@hermod/runtime'
import { checkWatcherConfig, watcherSettings } from './config.ts'
import { startWatcher } from './service.ts'

// Far more is read than kept: V8 is to collect garbage rather than to grow. NODE_OPTIONS does not take this flag.
setFlagsFromString('--optimize-for-size')

await runService({
  name: 'watcher',
  settings: watcherSettings,
  check: checkWatcherConfig,
  env: process.env,
  argv: process.argv,
  start: startWatcher,
  commands: { doctor: async () => (await import('./doctor.ts')).watcherDoctor },
})
