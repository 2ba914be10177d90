import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Metafile } from 'esbuild'

/** What of a package.json a bill of materials tells. */
interface PackageFacts {
  readonly name: string
  readonly version: string
  readonly license?: string
}

/**
 * A CycloneDX 1.6 document of what a bundle is made of: every npm package of which any code is in it, and the Node that
 * runs it. It tells no time and no serial number: the same bundle has the same bill.
 */
export function billOfMaterials(name: string, { inputs, outputs }: Metafile, root: string): object {
  const used = new Set(
    Object.values(outputs).flatMap((output) =>
      Object.entries(output.inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
    ),
  )
  const packages = new Map<string, PackageFacts>()
  for (const file of Object.keys(inputs)) {
    if (!used.has(file) || !file.includes('node_modules/')) continue
    const facts = packageOf(join(root, file))
    packages.set(`${facts.name}@${facts.version}`, facts)
  }
  const components = [...packages.values()].sort((a, b) => purlOf(a).localeCompare(purlOf(b)))
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { type: 'application', name: `hermod-${name}`, 'bom-ref': `hermod-${name}` } },
    components: [
      {
        type: 'platform',
        name: 'node',
        version: process.versions.node,
        purl: `pkg:generic/node@${process.versions.node}`,
      },
      ...components.map(componentOf),
    ],
  }
}

/** The package that a file belongs to: the nearest package.json above it that names one with a version. */
function packageOf(file: string): PackageFacts {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    const facts = readPackage(join(folder, 'package.json'))
    if (facts !== undefined) return facts
  }
  throw new Error(`${file} belongs to no package`)
}

function readPackage(path: string): PackageFacts | undefined {
  try {
    const facts = JSON.parse(readFileSync(path, 'utf8')) as Partial<PackageFacts>
    const { name, version, license } = facts
    if (name === undefined || version === undefined) return undefined
    return { name, version, ...(license !== undefined && { license }) }
  } catch {
    return undefined
  }
}

function componentOf(facts: PackageFacts): object {
  const { name, version, license } = facts
  const purl = purlOf(facts)
  return {
    type: 'library',
    'bom-ref': purl,
    name,
    version,
    purl,
    ...(license !== undefined && { licenses: [{ expression: license }] }),
  }
}

/** As the package URL specification has it: the @ of a scope is escaped. */
function purlOf({ name, version }: PackageFacts): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`
}
