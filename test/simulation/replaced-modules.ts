// Owns which modules of the product are others in a simulation: the four that touch the network, and whatever a
// planted bug changes. All else runs as it ships.
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const root = pathToFileURL(join(import.meta.dirname, '..', '..', '/')).href

const replacements: Readonly<Record<string, string>> = {
  'packages/jetstream/src/connect.ts': 'model-connection.ts',
  'services/watcher/src/api-server/api-transport.ts': 'model-transport.ts',
  'services/dedupe/src/artifactory-client.ts': 'model-artifactory-client.ts',
  'services/notifier/src/lean-fetch.ts': 'model-lean-fetch.ts',
}

/** One wrong line instead of a right one. */
export interface Change {
  /** From the root of the repository. */
  readonly file: string
  readonly from: string
  readonly to: string
}

/** To be called before anything of the product is imported. */
export function replaceModules(): void {
  registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context)
      const file = replacements[resolved.url.replace(root, '')]
      if (file === undefined) return resolved
      return next(`./${file}`, { ...context, parentURL: import.meta.url })
    },
  })
}

/** From here on the file is loaded with its change in it. Throws when it does not have the line, or has it twice. */
export function plantChange({ file, from, to }: Change): void {
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context)
      if (url !== `${root}${file}` || loaded.source === undefined || loaded.source === null) return loaded
      const parts = Buffer.from(loaded.source as Uint8Array)
        .toString('utf8')
        .split(from)
      if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times: ${from}`)
      return { ...loaded, source: parts.join(to) }
    },
  })
}
