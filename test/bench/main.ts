// `npm run bench -- [PART...] [--small] [--peer NAME=COMMAND]...`: one table of how fast, how heavy and how right.
// B1 A part that was measured in full stands in README.md at once, with its date and machine: what comes later may fail.
// B2 Of programs beside ours nothing is written down: what they are is known to whoever gave them.
import { availableParallelism, cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { bundlePrograms } from '../images/as-shipped.ts'
import { benchTable, type MeasuredPart } from './bench-table.ts'
import type { Entrant } from './contender.ts'
import type { Figure } from './figure.ts'
import { hermodEntrant } from './hermod.ts'
import { publish, readLastRun } from './last-run.ts'
import { isPartName, type PartName, parts } from './parts.ts'
import { peerEntrant } from './peer.ts'
import { Stage } from './stage.ts'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    small: { type: 'boolean', default: false },
    peer: { type: 'string', multiple: true, default: [] },
  },
})
const unknown = positionals.filter((name) => !isPartName(name))
if (unknown.length > 0) {
  process.stderr.write(`there is no part ${unknown.join(', ')}; there are ${Object.keys(parts).join(', ')}\n`)
  process.exit(2)
}
const wanted = (Object.keys(parts) as PartName[]).filter(
  (name) => positionals.length === 0 || positionals.includes(name),
)
const { small, peer: given } = values
const beside = given.map(peerEntrant)

const from = performance.now()
await using bundles = await bundlePrograms()
await using stage = new Stage({ small })
const measured: MeasuredPart[] = []
for (const name of wanted) {
  const part = await measurePart(name)
  if (part === undefined) continue
  measured.push(part)
  if (!small && beside.length === 0) publish({ ...readLastRun(), [name]: part })
}
process.stdout.write(`${benchTable(measured)}\n\n${machine()}, ${minutes()} in all\n`)

async function measurePart(name: PartName): Promise<MeasuredPart | undefined> {
  const figures = await measure(name, hermodEntrant(bundles.path))
  if (figures === undefined) return undefined
  const others: [string, readonly Figure[]][] = []
  for (const entrant of beside) others.push([entrant.name, (await measure(name, entrant)) ?? []])
  return { measured: machine(), figures, ...(others.length > 0 && { beside: Object.fromEntries(others) }) }
}

/** Undefined if it cannot be measured: the others still are. */
async function measure(name: PartName, entrant: Entrant): Promise<readonly Figure[] | undefined> {
  process.stderr.write(`${minutes()}: ${name}, ${entrant.name}\n`)
  try {
    return await parts[name].measure(stage, entrant)
  } catch (error) {
    process.stderr.write(
      `✖ ${name} could not be measured: ${error instanceof Error ? error.stack : String(error)}\n`,
    )
    process.exitCode = 1
    return undefined
  }
}

function machine(): string {
  const at = new Date().toISOString().slice(0, 16).replace('T', ' ')
  const memory = (totalmem() / 1024 ** 3).toFixed(0)
  return `${at} UTC, ${availableParallelism()} cores (${cpus()[0]?.model.trim()}), ${memory} GiB`
}

function minutes(): string {
  return `${((performance.now() - from) / 60_000).toFixed(1)} min`
}
