// `npm run docs`: writes what is made from the code: parts of the READMEs and the documents for other programs.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  publishedDocuments,
  publishedFolder,
} from '../../packages/contracts/src/documents/published-documents.ts'
import { withReference } from './configuration-reference.ts'
import { rulesFolder, withMetricTable } from './metric-table.ts'

const reference = join(import.meta.dirname, '..', '..', 'services', 'README.md')
await writeFile(reference, withReference(await readFile(reference, 'utf8')))

const metrics = join(rulesFolder, 'README.md')
await writeFile(metrics, withMetricTable(await readFile(metrics, 'utf8')))

await mkdir(join(publishedFolder, 'schemas'), { recursive: true })
for (const [path, text] of publishedDocuments()) await writeFile(join(publishedFolder, path), text)
