// `npm run soak [-- PART [ARGUMENT...]]`: plays one part at length, or all of them, which takes most of a day. Each result stands in
// the table as soon as it is known. With arguments the part's own command gets those instead of the full size.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { prepareRealParts } from '../tiers/prepare-real-parts.ts'
import { publish, readLastRun } from './last-run.ts'
import { isSoakPartName, type SoakPart, type SoakPartName, soakParts } from './soak-parts.ts'

const root = join(import.meta.dirname, '..', '..')
const [wanted, ...given] = process.argv.slice(2)
if (wanted !== undefined && !isSoakPartName(wanted)) {
  process.stderr.write(`there is no part ${wanted}; there are ${Object.keys(soakParts).join(', ')}\n`)
  process.exit(2)
}
const missing = await prepareRealParts()
if (missing !== undefined) throw new Error(missing)
for (const name of wanted === undefined ? (Object.keys(soakParts) as SoakPartName[]) : [wanted]) {
  const { code, last } = await play(soakParts[name])
  const result = code === 0 ? last : `FAILED: ${last}`
  if (code !== 0) process.exitCode = 1
  const run = readLastRun()
  const at = new Date().toISOString().slice(0, 10)
  publish({ ...run, soak: { ...run.soak, [name]: { result, at } } })
  process.stdout.write(`${name}: ${result}\n`)
}

async function play({
  command: [program, ...full],
}: SoakPart): Promise<{ readonly code: number | null; readonly last: string }> {
  const args = [program, ...(given.length > 0 ? given : full)]
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
    process.stdout.write(chunk)
  })
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, last: output.trimEnd().split('\n').at(-1) ?? '' }
}
