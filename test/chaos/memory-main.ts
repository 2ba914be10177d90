// `node test/chaos/memory-main.ts [MINUTES] [WARM-UP-MINUTES] [SEED]`: how fast the services grow under load, without
// faults; an hour after 25 minutes unless told otherwise.
import { watchMemory } from './memory-run.ts'
import { runByHand } from './run.ts'

await runByHand(
  'memory-main.ts [MINUTES] [WARM-UP-MINUTES]',
  [60, 25],
  async ([minutes = 0, warmUpMinutes = 0], run) => await watchMemory({ ...run, minutes, warmUpMinutes }),
)
