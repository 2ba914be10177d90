import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import type { Attempt, Way } from './tool.ts'
import { runWatched } from './watched-command.ts'

/** The oldest version that will do, as [major, minor]. */
export type Oldest = readonly [number, number]

/** The variable names the program itself. */
export function namedBy(variable: string, oldest: Oldest): Way {
  return {
    name: variable,
    async find({ env }) {
      const path = env[variable]
      if (!path) return unavailable('not set')
      const attempt = await judge(path, oldest, `${path} cannot be run`)
      if (attempt.kind === 'found') return attempt
      return { kind: 'wrong', reason: `${attempt.reason}; correct the variable or unset it` }
    },
  }
}

/** The variable names a folder that holds the program, and its `fellows` of the same version. */
export function inFolderOf(
  variable: string,
  program: string,
  oldest: Oldest,
  fellows: readonly string[] = [],
): Way {
  return {
    name: variable,
    async find({ env }) {
      const folder = env[variable]
      if (!folder) return unavailable('not set')
      for (const fellow of fellows) {
        if (!(await isExecutable(join(folder, fellow)))) return unavailable(`${folder} has no ${fellow}`)
      }
      return await judge(join(folder, program), oldest, `${folder} has no ${program}`)
    },
  }
}

export function onPath(program: string, oldest: Oldest): Way {
  return {
    name: 'PATH',
    async find({ env }) {
      let last = unavailable(`no ${program} on it`)
      for (const folder of (env['PATH'] ?? '').split(delimiter)) {
        if (folder === '' || !(await isExecutable(join(folder, program)))) continue
        last = await judge(join(folder, program), oldest, '')
        if (last.kind === 'found') return last
      }
      return last
    },
  }
}

/** The same way, but only to a Python that has pip. */
export function withPip(way: Way): Way {
  return {
    name: way.name,
    async find(context) {
      const attempt = await way.find(context)
      if (attempt.kind !== 'found') return attempt
      const args = ['-m', 'pip', '--version']
      const { kind } = await runWatched({ command: attempt.path, args, env: context.env, silenceMs: 60_000 })
      return kind === 'done' ? attempt : unavailable(`${attempt.path} has no pip`)
    },
  }
}

async function judge(path: string, [major, minor]: Oldest, missing: string): Promise<Attempt> {
  if (!(await isExecutable(path))) return unavailable(missing)
  const ending = await runWatched({ command: path, args: ['--version'], env: {}, silenceMs: 10_000 })
  const output = ending.kind === 'done' ? ending.output : ''
  const [text, hasMajor, hasMinor] = /v?(\d+)\.(\d+)[\w.+-]*/.exec(output) ?? []
  if (!text) return unavailable(`${path} --version tells no version`)
  const enough = Number(hasMajor) > major || (Number(hasMajor) === major && Number(hasMinor) >= minor)
  return enough
    ? { kind: 'found', path }
    : unavailable(`${path} is ${text}, ${major}.${minor} or newer is needed`)
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function unavailable(reason: string): Attempt {
  return { kind: 'unavailable', reason }
}
