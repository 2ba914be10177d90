// `npm start`: the product on this machine, with stand-ins for whatever was not given.
import { describeProblems, openSecretFile, readSettings, remedyOf } from '@hermod/runtime'
import { startSandbox } from './sandbox.ts'
import { checkSandboxConfig, sandboxSettings } from './sandbox-settings.ts'
import { stopRequest } from './stop-request.ts'

const print = (text: string): void => void process.stdout.write(`${text}\n`)

async function main(): Promise<number> {
  const { env } = process
  const argv = process.argv.slice(2)
  const read = readSettings({ env, argv, openFile: openSecretFile }, sandboxSettings)
  const problems = read.ok ? checkSandboxConfig(read.config) : read.problems
  if (!read.ok || problems.length > 0) {
    print(`Hermod cannot start:\n${describeProblems(problems)}`)
    return 2
  }
  const stopped = stopRequest()
  const look = () => ({
    colours: process.stdout.isTTY,
    width: process.stdout.columns ?? Number.POSITIVE_INFINITY,
  })
  const starting = startSandbox({ config: read.config, env, argv, print, look })
  const sandbox = await Promise.race([starting, stopped])
  if (sandbox === undefined) return 0
  await using running = sandbox
  await Promise.race([stopped, running.failed])
  print('\nHermod is stopping …')
  return 0
}

async function exitCode(): Promise<number> {
  try {
    return await main()
  } catch (error) {
    const remedy = remedyOf(error)
    print(`\nHermod cannot run: ${error instanceof Error ? error.message : String(error)}`)
    if (remedy !== undefined) print(`What to do: ${remedy}.`)
    return remedy === undefined ? 1 : 2
  }
}

// Whatever a start that was broken off has still under way ends with us: testkit's guardian sees to it.
process.exit(await exitCode())
