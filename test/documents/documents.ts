import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root: string = join(import.meta.dirname, '..', '..')

export interface Document {
  /** From the root: `k8s/README.md`. */
  readonly path: string
  readonly text: string
}

/** Everything that people read about Hermod. */
export function readDocuments(): readonly Document[] {
  const patterns = ['*.md', '.github/*.md', '{k8s,packages,services,test}/**/*.md']
  const paths = patterns.flatMap((pattern) => globSync(pattern, { cwd: root, exclude: ['**/node_modules'] }))
  return paths.map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}

export interface Commands {
  readonly path: string
  readonly text: string
  /** Needs neither an engine nor a cluster nor an account, and is run by a test: ```sh run. */
  readonly runnable: boolean
}

/** Every block of shell commands, without its indentation. */
export function commandsOf({ path, text }: Document): readonly Commands[] {
  return [...text.matchAll(/^( *)```sh( run)?\n([^]*?)^ *```$/gm)].map(
    ([, indent = '', run, block = '']) => ({
      path,
      text: block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
      runnable: run !== undefined,
    }),
  )
}
