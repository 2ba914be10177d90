// `npm run kills -- [KILLS] [SIGTERMS] [SEED]`: the services as shipped, killed and terminated at random moments with
// at least 20 rollouts under way; 60 of each unless told otherwise.
import { killUnderLoad } from './kill-under-load.ts'
import { runByHand } from './run.ts'

await runByHand(
  'npm run kills -- [KILLS] [SIGTERMS]',
  [60, 60],
  async ([kills = 0, terminations = 0], run) => await killUnderLoad({ ...run, kills, terminations }),
)
