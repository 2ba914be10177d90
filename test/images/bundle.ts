// `npm run bundle [FOLDER [NAME...]]`: each process bundled, or those named, with source maps, in dist/: NAME.mjs and
// what it imports lazily in NAME/, what it is made of in NAME.cdx.json; the sandbox's page in page/. This is what the
// images ship, and what `npm start` runs.
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { build, type Plugin } from 'esbuild'
import { bundleForBrowser } from '../../packages/sandbox/src/preview/browser-bundle.ts'
import { billOfMaterials } from './bill-of-materials.ts'

const root = join(import.meta.dirname, '..', '..')
const [, , folder = join(root, 'dist'), ...named] = process.argv
const output = resolve(folder)

const entryPoints = {
  watcher: 'services/watcher/src/main.ts',
  dedupe: 'services/dedupe/src/main.ts',
  notifier: 'services/notifier/src/main.ts',
  provision: 'packages/jetstream/src/provision-main.ts',
  sandbox: 'packages/sandbox/src/parts-main.ts',
}

// Importing node:http as an ES module loads Node's own undici for its re-exports: 15 MiB that nobody here uses.
const httpAsCommonJs: Plugin = {
  name: 'http-as-common-js',
  setup(bundle) {
    bundle.onResolve({ filter: /^(node:)?https?$/ }, ({ path }) => ({ path, namespace: 'http-as-common-js' }))
    bundle.onLoad({ filter: /.*/, namespace: 'http-as-common-js' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)})`,
    }))
  },
}

await rm(output, { recursive: true, force: true })
for (const [name, entryPoint] of Object.entries(entryPoints)) {
  if (named.length > 0 && !named.includes(name)) continue
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { [name]: entryPoint },
    outdir: output,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // What is imported only when it is needed stays out of memory until then: 30 MiB in the watcher.
    splitting: true,
    chunkNames: `${name}/[name]-[hash]`,
    minify: true,
    keepNames: true,
    sourcemap: 'linked',
    platform: 'node',
    // The page is bundled below: a bundle bundles nothing.
    external: ['esbuild', 'playwright-core'],
    target: 'node26',
    format: 'esm',
    plugins: [httpAsCommonJs],
    // Tracing by Sentry: never switched on here.
    define: { __SENTRY_CHANNEL_INJECTION__: 'false' },
    metafile: true,
    logLevel: 'warning',
    // CommonJS dependencies call `require`, which an ES module does not have.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  })
  const bill = JSON.stringify(billOfMaterials(name, metafile, root), undefined, 2)
  await writeFile(join(output, `${name}.cdx.json`), `${bill}\n`)
  const modules = Object.entries(metafile.outputs).filter(([file]) => file.endsWith('.mjs'))
  const kibibytes = modules.reduce((sum, [, { bytes }]) => sum + bytes, 0) / 1024
  process.stdout.write(`dist/${name}.mjs ${kibibytes.toFixed(0)} KiB in ${modules.length} files\n`)
}
await mkdir(join(output, 'page'))
for (const [name, { body }] of Object.entries(await bundleForBrowser()))
  await writeFile(join(output, 'page', name), body)
