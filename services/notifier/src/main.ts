import { runService } from '@hermod/runtime'
import { checkNotifierConfig, notifierSettings } from './config.ts'
import { startNotifier } from './service.ts'

await runService({
  name: 'notifier',
  settings: notifierSettings,
  check: checkNotifierConfig,
  env: process.env,
  argv: process.argv,
  start: startNotifier,
  commands: {
    doctor: async () => (await import('./doctor.ts')).notifierDoctor,
    parked: async () => (await import('./parked.ts')).parked,
    replay: async () => (await import('./replay.ts')).replay,
  },
})
