import { runService } from '@hermod/runtime'
import { checkWatcherConfig, watcherSettings } from './config.ts'
import { startWatcher } from './service.ts'

await runService({
  name: 'watcher',
  settings: watcherSettings,
  check: checkWatcherConfig,
  env: process.env,
  argv: process.argv,
  start: startWatcher,
  commands: { doctor: async () => (await import('./doctor.ts')).watcherDoctor },
})
