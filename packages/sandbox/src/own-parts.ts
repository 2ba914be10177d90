/**
 * Owns the processes that make up the product and its broker.
 *
 * 1. They start in the order of the plan and end in the opposite one, so a service always ends before its broker.
 * 2. run.json tells at any time which of them runs as which process.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunFile } from './run-file.ts'
import { shellCommand } from './run-file.ts'
import type { HomePaths } from './sandbox-home.ts'
import { inheritedEnv, type Part, settingsFilePath, settingsText } from './sandbox-plan.ts'
import { type ProcessEvent, superviseProcess } from './supervisor.ts'

export interface PartsOptions {
  readonly folder: string
  readonly paths: HomePaths
  readonly env: Readonly<Record<string, string | undefined>>
  readonly run: RunFile
  readonly onEvent: (part: Part, event: ProcessEvent) => void
}

export function startParts(parts: readonly Part[], options: PartsOptions): AsyncDisposable {
  const started = new AsyncDisposableStack()
  for (const part of parts) started.use(startPart(part, options))
  return started
}

function startPart(part: Part, { folder, paths, env, run, onEvent }: PartsOptions): AsyncDisposable {
  const logFile = join(paths.logs, `${part.name}.log`)
  writeFileSync(settingsFilePath(part.name, paths), settingsText(part.settings), { mode: 0o600 })
  run.set(part.name, { ports: part.ports, log: logFile, command: shellCommand(part.command) })
  let starts = 0
  const spec = { name: part.name, command: part.command, cwd: folder, env: inheritedEnv(part, env), logFile }
  return superviseProcess(spec, (event) => {
    if (event.kind === 'started') run.set(part.name, { pid: event.pid, state: 'running', starts: ++starts })
    else run.set(part.name, { pid: undefined, state: event.kind === 'ended' ? 'starting again' : 'given up' })
    onEvent(part, event)
  })
}
