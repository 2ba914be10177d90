import { readFileSync } from 'node:fs'

/** How an image starts Node. */
export interface ShippedStart {
  readonly flags: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

const dockerfile = new URL('../../../services/Dockerfile', import.meta.url)

/**
 * How the image of this program starts it, read from services/Dockerfile: what is tested and measured is what ships.
 * Throws for a program without an image.
 */
export function shippedStart(program: string): ShippedStart {
  const text = readFileSync(dockerfile, 'utf8')
  const entrypoints = [...text.matchAll(/^ENTRYPOINT (\[.*\])$/gm)].map(([, json = '']): readonly string[] =>
    JSON.parse(json),
  )
  const entrypoint = entrypoints.find((words) => words.at(-1) === `/app/${program}.mjs`)
  if (entrypoint === undefined) throw new Error(`services/Dockerfile starts no ${program}.mjs`)
  const settings = [...text.matchAll(/^ENV (.*)$/gm)].flatMap(([, pairs = '']) => [
    ...pairs.matchAll(/(\w+)=(?:"([^"]*)"|(\S+))/g),
  ])
  const env = Object.fromEntries(settings.map(([, key = '', quoted, bare = '']) => [key, quoted ?? bare]))
  return { flags: entrypoint.slice(1, -1), env }
}
