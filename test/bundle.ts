// `npm run bundle`: one ESM file a process, with its source map, in dist/. This is what the images ship.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { build, type Plugin } from 'esbuild'

const root = join(import.meta.dirname, '..')
const output = join(root, 'dist')

const entryPoints = {
  watcher: 'services/watcher/src/main.ts',
  dedupe: 'services/dedupe/src/main.ts',
  notifier: 'services/notifier/src/main.ts',
  provision: 'packages/jetstream/src/provision-main.ts',
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
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints,
  outdir: output,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  minify: true,
  keepNames: true,
  sourcemap: 'linked',
  platform: 'node',
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
for (const [file, { bytes }] of Object.entries(metafile.outputs).filter(([file]) => file.endsWith('.mjs')))
  process.stdout.write(`${file.padEnd(22)} ${(bytes / 1024).toFixed(0).padStart(6)} KiB\n`)
