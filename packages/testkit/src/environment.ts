import { homedir } from 'node:os'
import { join } from 'node:path'

export type Environment = Readonly<Record<string, string | undefined>>

/** The one place where testkit reads the process environment. */
export function hostEnvironment(): Environment {
  return process.env
}

/** Where obtained programs are kept: HERMOD_HOME, else XDG_CACHE_HOME/hermod, else ~/.cache/hermod; then `tools`. */
export function toolCacheFolder(env: Environment): string {
  const home = env['HERMOD_HOME'] || join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'hermod')
  return join(home, 'tools')
}
