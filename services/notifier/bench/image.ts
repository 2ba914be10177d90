import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** How the image of a service starts Node: what is measured is what ships. */
export async function imageOf(
  service: string,
): Promise<{ readonly flags: readonly string[]; readonly env: Readonly<Record<string, string>> }> {
  const dockerfile = await readFile(join(import.meta.dirname, '../../Dockerfile'), 'utf8')
  const [, options = '', arenas = ''] =
    /^ENV NODE_OPTIONS="([^"]*)" MALLOC_ARENA_MAX=(\d+)$/m.exec(dockerfile) ?? []
  const entry = new RegExp(`^ENTRYPOINT (\\[.*/app/${service}\\.mjs"\\])$`, 'm').exec(dockerfile)?.[1]
  if (options === '' || entry === undefined)
    throw new Error('services/Dockerfile is not as this benchmark reads it')
  const command: readonly unknown[] = JSON.parse(entry)
  return { flags: command.slice(1, -1).map(String), env: { NODE_OPTIONS: options, MALLOC_ARENA_MAX: arenas } }
}
