import { createReadStream, createWriteStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { createBrotliDecompress } from 'node:zlib'
import type { Recipe, Tool } from './tool.ts'

/** A Chromium that needs no root and no installation: it comes, compressed, in a package of npm. */
export const chromiumTool: Tool = { name: 'chromium', found: [], made: [unpackFromNpm()] }

function unpackFromNpm(): Recipe {
  return {
    name: 'the package @sparticuz/chromium',
    version: '153.0.0',
    async make(target, _scratch, { log }) {
      log('unpacking Chromium, some seconds the first time …')
      // Not by the package's own means: those write to one place for all, and take half of a program for a whole one.
      const folder = join(dirname(fileURLToPath(import.meta.resolve('@sparticuz/chromium'))), '..')
      const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
      if (version !== this.version) throw new Error(`${version} is installed, ${this.version} is expected`)
      const packed = createReadStream(join(folder, 'bin', 'chromium.br'))
      await pipeline(packed, createBrotliDecompress(), createWriteStream(target, { mode: 0o755 }))
    },
  }
}
