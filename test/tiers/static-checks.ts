import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import type { Tier, TierResult } from './tiers.ts'

const root = join(import.meta.dirname, '..', '..')

type Command = readonly [program: string, ...arguments: string[]]

const checks: Partial<
  Record<Tier, { readonly commands: () => readonly Command[]; readonly remedy: string }>
> = {
  format: { commands: () => [['biome', 'check', '.']], remedy: 'npm run format' },
  lint: { commands: () => [['oxlint', '--type-aware', '--deny-warnings']], remedy: 'see the findings above' },
  types: {
    commands: () =>
      globSync(['packages/*/tsconfig.json', 'services/*/tsconfig.json', 'test/tsconfig.json'], {
        cwd: root,
      }).map((file) => ['tsc', '-p', dirname(file)]),
    remedy: 'see the errors above',
  },
  unused: { commands: () => [['knip']], remedy: 'delete what nothing uses' },
}

/** Whether a tier is a check of the sources, which starts none of them. */
export function isStaticCheck(tier: Tier): boolean {
  return checks[tier] !== undefined
}

/** Runs the commands of one static check; their output is shown only when one of them fails. */
export async function runStaticCheck(tier: Tier): Promise<TierResult> {
  const check = checks[tier]
  if (check === undefined) throw new Error(`${tier} is no static check`)
  const startedAt = performance.now()
  const commands = [...check.commands()]
  const failures: string[] = []
  const work = async (): Promise<void> => {
    for (let command = commands.shift(); command !== undefined; command = commands.shift()) {
      const output = await runCommand(command)
      if (output !== undefined) failures.push(`$ ${command.join(' ')}\n${output}`)
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work))
  for (const failure of failures) process.stdout.write(`${failure}\n`)
  const took = `${((performance.now() - startedAt) / 1_000).toFixed(1)} s`
  process.stdout.write(`${failures.length === 0 ? '✔' : '✖'} ${tier} (${took})\n`)
  return failures.length === 0 ? { kind: 'passed', detail: took } : { kind: 'failed', detail: check.remedy }
}

// Undefined when the command succeeds, else all that it printed.
async function runCommand([program, ...args]: Command): Promise<string | undefined> {
  const child = spawn(join(root, 'node_modules', '.bin', program), args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (output += chunk))
  const code = await new Promise<number | null>((resolve, reject) =>
    child.on('close', resolve).on('error', reject),
  )
  return code === 0 ? undefined : output
}
