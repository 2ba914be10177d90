// `node --import …/plant.ts?NAME file`: runs a file with one planted bug in it.

import { plantChange } from '../simulation/replaced-modules.ts'
import { plantedBugs } from './planted-bugs.ts'

const wanted = decodeURIComponent(new URL(import.meta.url).search.slice(1))
const bug = plantedBugs.find(({ name }) => name === wanted)
if (bug === undefined) throw new Error(`no planted bug is called ${wanted}`)
plantChange(bug)
