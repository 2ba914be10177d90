/** Owns the wall clocks of the services, which can be set while they run. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeTempFolder, shippedStart } from '@hermod/testkit'
import { type ServiceName, type ServiceProcess, serviceNames } from '../pipeline/service-process.ts'

export interface Clocks extends AsyncDisposable {
  /** What a service is started with. */
  settingsOf(name: ServiceName): Readonly<Record<string, string>>
  /** So many milliseconds before or behind the real time, from now on. */
  set(service: Pick<ServiceProcess, 'name' | 'pid'>, shiftMs: number): Promise<void>
}

export async function makeClocks(): Promise<Clocks> {
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await makeTempFolder('clocks')).path
  const fileOf = (name: ServiceName): string => join(folder, name)
  for (const name of serviceNames) await writeFile(fileOf(name), '0')
  const started = stack.move()
  return {
    settingsOf: (name) => ({
      NODE_OPTIONS: `${shippedStart(name).env['NODE_OPTIONS'] ?? ''} --import=${join(import.meta.dirname, 'shifted-clock.ts')}`,
      CLOCK_SHIFT_FILE: fileOf(name),
    }),
    async set({ name, pid }, shiftMs) {
      await writeFile(fileOf(name), String(Math.round(shiftMs)))
      process.kill(pid, 'SIGUSR2')
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}
