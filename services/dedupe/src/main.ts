import { checkNatsConfig } from '@hermod/jetstream'
import { runService } from '@hermod/runtime'
import { dedupeSettings } from './config.ts'
import { startDedupe } from './service.ts'

await runService({
  name: 'dedupe',
  settings: dedupeSettings,
  check: checkNatsConfig,
  env: process.env,
  argv: process.argv,
  start: startDedupe,
  commands: { doctor: async () => (await import('./doctor.ts')).dedupeDoctor },
})
