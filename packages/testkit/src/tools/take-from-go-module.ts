import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { explainGoFailure } from './build-with-go.ts'
import type { Recipe } from './tool.ts'
import { runWatched } from './watched-command.ts'

export interface GoModuleFiles {
  /** Folder below `modules` with the go.mod and go.sum that pin the module. */
  readonly module: string
  readonly path: string
  readonly version: string
  /** YAML files inside the module; what is made holds them one after the other. */
  readonly files: readonly string[]
}

const silenceMs = 3 * 60_000

/** Takes files out of a module of the Go module proxy; it is held to the hash in our go.sum. */
export function takeFromGoModule({ module, path, version, files }: GoModuleFiles): Recipe {
  return {
    name: 'Go',
    version,
    async make(target, _scratch, { env, log }) {
      log(`fetching ${path} ${version} with Go …`)
      const ending = await runWatched({
        command: 'go',
        args: ['-C', join(import.meta.dirname, 'modules', module), 'mod', 'download', '-json', path],
        env: { ...env, GOWORK: 'off', GO111MODULE: 'on' },
        silenceMs,
      })
      if (ending.kind !== 'done') throw new Error(explainGoFailure(ending))
      const { Dir } = JSON.parse(ending.output) as { readonly Dir: string }
      const texts = await Promise.all(files.map((file) => readFile(join(Dir, file), 'utf8')))
      await writeFile(target, texts.join('\n---\n'))
    },
  }
}
