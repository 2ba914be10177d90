// Chosen parts of the sandbox as a plain process against a NATS of yours: README.md of this package says how.
import { runService } from '@hermod/runtime'
import { startChosenParts } from './chosen-parts.ts'
import { checkPartsConfig, partsSettings } from './parts-settings.ts'

await runService({
  name: 'sandbox',
  settings: partsSettings,
  check: checkPartsConfig,
  env: process.env,
  argv: process.argv,
  start: startChosenParts,
})
