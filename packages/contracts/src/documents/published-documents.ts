import { join } from 'node:path'
import { asyncApiDocument } from './async-api.ts'
import { type DataType, jsonSchemaOf, publishedData } from './json-schemas.ts'

/** Where the documents lie that other programs are written from. */
export const publishedFolder: string = join(import.meta.dirname, '..', '..', 'published')

/** The text of each document by its path in that folder. The schemas of older versions stay there as they are. */
export function publishedDocuments(): ReadonlyMap<string, string> {
  const types = Object.keys(publishedData) as DataType[]
  const schemas = types.map(
    (type) => [`schemas/${type}.${publishedData[type].version}.json`, jsonSchemaOf(type)] as const,
  )
  return new Map(
    [['asyncapi.json', asyncApiDocument()] as const, ...schemas].map(([path, document]) => [
      path,
      `${JSON.stringify(document, null, 2)}\n`,
    ]),
  )
}
