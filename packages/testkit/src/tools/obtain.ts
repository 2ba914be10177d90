/**
 * Owns the cache of programs that we made ourselves.
 *
 * 1. A program is written into a folder of its own name, flushed, and renamed into place: half of one is never found.
 * 2. Its size is kept beside it. A file that was cut or lost afterwards is made anew.
 * 3. One process makes a program; the others wait for it. The lock of a process that died is free.
 */
import {
  access,
  constants,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { arch, platform } from 'node:os'
import { join } from 'node:path'
import { hostEnvironment, toolCacheFolder } from '../environment.ts'
import { lockExclusively } from './exclusive.ts'
import { type Context, type Recipe, type Tool, ToolUnavailable } from './tool.ts'

/** The path of the program, made first when nobody has it yet: that can take minutes. Throws ToolUnavailable. */
export async function obtain(tool: Tool, given: Partial<Context> = {}): Promise<string> {
  const context: Context = { env: hostEnvironment(), log: logToStderr, ...given }
  const failures: string[] = []
  for (const way of tool.found) {
    const attempt = await way.find(context)
    if (attempt.kind === 'found') return attempt.path
    const failure = `${way.name}: ${attempt.reason}`
    if (attempt.kind === 'wrong') throw new ToolUnavailable(tool.name, [failure])
    failures.push(failure)
  }
  const cache = toolCacheFolder(context.env)
  const ready = await findCached(cache, tool)
  if (ready) return ready
  try {
    using _lock = await lockExclusively(join(cache, `${tool.name}.lock`), () =>
      context.log(`waiting for another run that is preparing ${tool.name} …`),
    )
    return (await findCached(cache, tool)) ?? (await makeAny(cache, tool, context, failures))
  } catch (error) {
    if (error instanceof ToolUnavailable) throw error
    throw new ToolUnavailable(tool.name, [...failures, `cache folder ${cache}: ${messageOf(error)}`])
  }
}

async function makeAny(cache: string, tool: Tool, context: Context, failures: string[]): Promise<string> {
  await removeRemains(cache, tool)
  for (const recipe of tool.made) {
    const folder = folderOf(tool, recipe)
    // A name of its own: what a killed run started may still be writing.
    const partial = join(cache, `${folder}.${process.pid}.partial`)
    const scratch = join(partial, 'scratch')
    await mkdir(scratch, { recursive: true })
    try {
      await recipe.make(join(partial, tool.name), scratch, context)
      await rm(scratch, { recursive: true, force: true })
      await seal(partial, tool.name)
      await rm(join(cache, folder), { recursive: true, force: true })
      await rename(partial, join(cache, folder))
      return join(cache, folder, tool.name)
    } catch (error) {
      failures.push(`${recipe.name}: ${messageOf(error)}`)
      await rm(partial, { recursive: true, force: true })
    }
  }
  throw new ToolUnavailable(tool.name, failures)
}

async function findCached(cache: string, tool: Tool): Promise<string | undefined> {
  for (const recipe of tool.made) {
    const folder = join(cache, folderOf(tool, recipe))
    if (await isWhole(folder, tool.name)) return join(folder, tool.name)
  }
  return undefined
}

const sealName = 'size'

async function isWhole(folder: string, program: string): Promise<boolean> {
  try {
    await access(join(folder, program), constants.X_OK)
    const { size } = await stat(join(folder, program))
    return (await readFile(join(folder, sealName), 'utf8')) === String(size)
  } catch {
    return false
  }
}

async function seal(folder: string, program: string): Promise<void> {
  await using file = await open(join(folder, program), 'r')
  await file.sync()
  const { size } = await file.stat()
  if (size === 0) throw new Error('what was made is empty')
  await file.chmod(0o755)
  await writeFile(join(folder, sealName), String(size), { flush: true })
}

/** What a killed run left: we hold the lock, so nobody is at work on it. */
async function removeRemains(cache: string, tool: Tool): Promise<void> {
  for (const name of await readdir(cache)) {
    if (!name.startsWith(`${tool.name}-`) || !name.endsWith('.partial')) continue
    await rm(join(cache, name), { recursive: true, force: true })
  }
}

function folderOf(tool: Tool, recipe: Recipe): string {
  return `${tool.name}-${recipe.version}-${platform()}-${arch()}`
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function logToStderr(line: string): void {
  process.stderr.write(`${line}\n`)
}
