import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

/** What services/Dockerfile makes of one target. */
export interface ImageRecipe {
  readonly entrypoint: readonly string[]
  readonly user: string
  readonly environment: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  /** From the build stage into the image. */
  readonly copies: readonly { readonly from: readonly string[]; readonly to: string }[]
}

interface Instruction {
  readonly name: string
  readonly text: string
}

interface Stage {
  readonly name: string
  readonly base: string
  readonly instructions: readonly Instruction[]
}

/** Every stage of services/Dockerfile, in its order. */
export function readStages(): readonly Stage[] {
  const text = readFileSync(join(root, 'services', 'Dockerfile'), 'utf8')
  const lines = text
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .filter(Boolean)
  const stages: { name: string; base: string; instructions: Instruction[] }[] = []
  for (const line of lines) {
    const [, name = '', rest = ''] = /^(\w+) +(.*)$/.exec(line) ?? []
    const [, base = '', stage = ''] = name === 'FROM' ? (/^(\S+) AS (\S+)$/.exec(rest) ?? []) : []
    if (stage !== '') stages.push({ name: stage, base, instructions: [] })
    else stages.at(-1)?.instructions.push({ name, text: rest })
  }
  return stages
}

/** A target with all that it has from the stages below it. Throws for one that there is not. */
export function readImage(target: string): ImageRecipe {
  const stages = new Map(readStages().map((stage) => [stage.name, stage]))
  const instructionsOf = (name: string): readonly Instruction[] => {
    const stage = stages.get(name)
    return stage === undefined ? [] : [...instructionsOf(stage.base), ...stage.instructions]
  }
  if (!stages.has(target)) throw new Error(`services/Dockerfile has no target ${target}`)
  const instructions = instructionsOf(target)
  const texts = (name: string): readonly string[] =>
    instructions.flatMap((each) => (each.name === name ? [each.text] : []))
  return {
    entrypoint: JSON.parse(texts('ENTRYPOINT').at(-1) ?? '[]') as readonly string[],
    user: texts('USER').at(-1) ?? '',
    environment: pairsOf(texts('ENV')),
    labels: pairsOf(texts('LABEL')),
    copies: texts('COPY').map(copyOf),
  }
}

function pairsOf(texts: readonly string[]): Readonly<Record<string, string>> {
  const pairs = texts.flatMap((text) => [...text.matchAll(/([\w.]+)=(?:"([^"]*)"|(\S+))/g)])
  return Object.fromEntries(pairs.map(([, key = '', quoted, bare]) => [key, quoted ?? bare ?? '']))
}

function copyOf(text: string): ImageRecipe['copies'][number] {
  const paths = text.split(' ').filter((word) => !word.startsWith('--'))
  return { from: paths.slice(0, -1), to: paths.at(-1) ?? '' }
}
