// `npm run docs`: writes what is made from the code: a part of the README and the documents for other programs.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  publishedDocuments,
  publishedFolder,
} from '../packages/contracts/src/documents/published-documents.ts'
import { withReference } from './configuration-reference.ts'

const readme = join(import.meta.dirname, '..', 'README.md')
await writeFile(readme, withReference(await readFile(readme, 'utf8')))

await mkdir(join(publishedFolder, 'schemas'), { recursive: true })
for (const [path, text] of publishedDocuments()) await writeFile(join(publishedFolder, path), text)
