// `npm run docs`: writes the parts of the README that are made from the code.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { withReference } from './configuration-reference.ts'

const readme = join(import.meta.dirname, '..', 'README.md')
await writeFile(readme, withReference(await readFile(readme, 'utf8')))
