/**
 * Owns the folder in which a sandbox keeps what outlives it.
 *
 * 1. One sandbox at a time: the lock is the kernel's, so the lock of a killed sandbox is free.
 * 2. Everything in it is readable for its owner alone.
 */
import { accessSync, constants, readFileSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { FatalError } from '@hermod/runtime'
import { lockExclusively } from '@hermod/testkit'
import { makeFolder } from './make-folder.ts'
import type { SandboxConfig } from './sandbox-settings.ts'

export interface HomePaths {
  readonly folder: string
  readonly runFile: string
  readonly lock: string
  readonly logs: string
  readonly settings: string
  readonly natsStore: string
  readonly slackState: string
  readonly cluster: string
  readonly bundles: string
}

/** HERMOD_HOME, else `hermod` in the user's state folder as the XDG rules have it. */
export function homePaths(
  config: Pick<SandboxConfig, 'home' | 'xdgStateHome' | 'xdgCacheHome'>,
  userHome: string,
): HomePaths {
  const { home, xdgStateHome } = config
  // The XDG rules ask to ignore a relative path.
  const stateHome =
    xdgStateHome && isAbsolute(xdgStateHome) ? xdgStateHome : join(userHome, '.local', 'state')
  const folder = home === undefined ? join(stateHome, 'hermod') : resolve(home)
  return {
    folder,
    runFile: join(folder, 'run.json'),
    lock: join(folder, 'sandbox.lock'),
    logs: join(folder, 'logs'),
    settings: join(folder, 'settings'),
    natsStore: join(folder, 'nats'),
    slackState: join(folder, 'slack.json'),
    cluster: join(folder, 'cluster'),
    bundles: join(home === undefined ? cacheHome(config, userHome) : folder, 'bundles'),
  }
}

function cacheHome({ xdgCacheHome }: Pick<SandboxConfig, 'xdgCacheHome'>, userHome: string): string {
  const given = xdgCacheHome && isAbsolute(xdgCacheHome) ? xdgCacheHome : join(userHome, '.cache')
  return join(given, 'hermod')
}

/** Makes the folders and holds them until disposed; a FatalError says why that cannot be. */
export async function claimHome(paths: HomePaths): Promise<Disposable> {
  for (const folder of [paths.folder, paths.logs, paths.settings, paths.natsStore, paths.bundles])
    makeWritable(folder)
  return lockExclusively(paths.lock, () => {
    throw new FatalError(`${paths.folder} is in use by another npm start${holder(paths.runFile)}`, {
      remedy: 'stop that one, or set HERMOD_HOME to another folder',
    })
  })
}

/** Throws a FatalError where there can be no such folder of ours. */
export function makeWritable(folder: string): void {
  try {
    makeFolder(folder)
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw new FatalError(`${folder} cannot be written to (${reasonOf(cause)})`, {
      remedy: 'set HERMOD_HOME to a folder of yours',
      cause,
    })
  }
}

function holder(runFile: string): string {
  try {
    const { pid } = JSON.parse(readFileSync(runFile, 'utf8'))
    return Number.isInteger(pid) ? ` (process ${pid})` : ''
  } catch {
    return ''
  }
}

function reasonOf(error: unknown): string {
  const { code, path, message } = error as NodeJS.ErrnoException
  return code === undefined || path === undefined ? message : `${code} at ${path}`
}
