import { runService } from '@hermod/runtime'
import { checkNatsConfig } from './nats-settings.ts'
import { provisionSettings, startProvision } from './provision-service.ts'

await runService({
  name: 'provision',
  settings: provisionSettings,
  check: checkNatsConfig,
  env: process.env,
  argv: process.argv,
  start: startProvision,
  commands: {
    doctor: async () => (await import('./provision-doctor.ts')).provisionDoctor,
    'dead-letters': async () => (await import('./dead-letters.ts')).deadLetters,
  },
})
