// Owns the look at what was given before anything is started, and which ports are free.
import { accessSync, constants } from 'node:fs'
import { delimiter } from 'node:path'
import { FatalError } from '@hermod/runtime'
import { freePort, isFree } from './free-port.ts'
import { contradiction, type Ports } from './sandbox-plan.ts'
import type { SandboxConfig } from './sandbox-settings.ts'

/** Throws a FatalError for settings that cannot work whatever is started. */
export async function checkGiven(config: SandboxConfig): Promise<void> {
  const problem = contradiction(config)
  if (problem) throw new FatalError(problem.text, problem)
  const kubeconfigs = config.kubeconfig?.split(delimiter).filter(Boolean)
  if (kubeconfigs && !kubeconfigs.some(isReadable)) {
    throw new FatalError(`the kubeconfig ${config.kubeconfig} cannot be read`, {
      remedy: 'name one that can be read, or leave KUBECONFIG and --kubeconfig out for a cluster of our own',
    })
  }
  const { httpPort } = config
  if (httpPort !== undefined && !(await isFree(httpPort))) {
    throw new FatalError(`HTTP_PORT ${httpPort} is taken by another process`, {
      remedy: 'set HTTP_PORT to a free one, or leave it out',
    })
  }
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK)
    return true
  } catch {
    return false
  }
}

/** The ports that people know where they are free, others where not; only HTTP_PORT is insisted on. */
export async function choosePorts({ httpPort }: SandboxConfig): Promise<Ports> {
  return {
    nats: await freePort(4222),
    dedupe: httpPort ?? (await freePort(2112)),
    provision: await freePort(),
    watcher: await freePort(),
    notifier: await freePort(),
  }
}
