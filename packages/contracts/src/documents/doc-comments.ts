import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What the source says of an interface, and of each of its fields. */
export interface DocumentedInterface {
  readonly about?: string | undefined
  /** The interfaces that it extends. */
  readonly parents: readonly string[]
  readonly fields: ReadonlyMap<string, { readonly about?: string | undefined; readonly type: string }>
}

/** Every interface of contracts by its name, read from the sources: the words of a type are written once. */
export function readDocComments(): ReadonlyMap<string, DocumentedInterface> {
  const folder = join(import.meta.dirname, '..')
  const files = globSync('*.ts', { cwd: folder, exclude: ['*.test.ts'] })
  return new Map(files.flatMap((file) => interfacesOf(readFileSync(join(folder, file), 'utf8'))))
}

const docComment = String.raw`(?:/\*\*(?<about>(?:(?!\*/)[^])*)\*/\s*)?`
const interfacePattern = new RegExp(
  String.raw`^${docComment}(?:export )?interface (?<name>\w+)(?: extends (?<parents>[\w, ]+))? \{\n(?<body>[^]*?)^\}`,
  'gm',
)
const fieldPattern = new RegExp(String.raw`^  ${docComment}readonly (?<name>\w+)\??: (?<type>.+)$`, 'gm')

function interfacesOf(source: string): [string, DocumentedInterface][] {
  return [...source.matchAll(interfacePattern)].map(({ groups = {} }) => {
    const fields = [...(groups['body'] ?? '').matchAll(fieldPattern)].map(
      ({ groups: field = {} }) =>
        [field['name'] ?? '', { about: plainText(field['about']), type: field['type'] ?? '' }] as const,
    )
    const parents = groups['parents']?.split(', ') ?? []
    return [groups['name'] ?? '', { about: plainText(groups['about']), parents, fields: new Map(fields) }]
  })
}

function plainText(comment: string | undefined): string | undefined {
  return comment?.replaceAll(/\s*\n\s*\*\s?/g, ' ').trim()
}
