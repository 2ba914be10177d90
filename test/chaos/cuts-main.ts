// `node test/chaos/cuts-main.ts [CUTS] [CUTS-OF-A-LAZY-ONE] [SEED]`: power cuts of NATS under load, with each write
// flushed and with none; 10 and 2 unless told otherwise. Needs root.
import { cutPowerOfLazyNats, cutPowerOfSyncedNats } from './power-cuts.ts'
import { runByHand } from './run.ts'

await runByHand('cuts-main.ts [CUTS] [CUTS-OF-A-LAZY-ONE]', [10, 2], async ([synced = 0, lazy = 0], run) => {
  const results = [
    ...(synced > 0 ? [await cutPowerOfSyncedNats({ ...run, cuts: synced })] : []),
    ...(lazy > 0 ? [await cutPowerOfLazyNats({ ...run, cuts: lazy })] : []),
  ]
  return {
    problems: results.flatMap(({ problems }) => problems),
    figures: results.map(({ figures }) => figures).join('; '),
  }
})
