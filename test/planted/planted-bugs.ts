/**
 * Mistakes that somebody could make, each by one changed place in the sources. The checks are checked by them: every
 * one must be found, by the simulation or by the test that is named. `main.ts` does it.
 */
import type { Change } from '../simulation/replaced-modules.ts'
import { bugsInRuns } from './bugs-in-runs.ts'
import { bugsInUnits } from './bugs-in-units.ts'

export interface PlantedBug extends Change {
  readonly name: string
  /** A test file; without one the simulation has to find it. */
  readonly foundBy?: string
}

export const plantedBugs: readonly PlantedBug[] = [...bugsInRuns, ...bugsInUnits]
