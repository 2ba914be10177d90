/**
 * Owns a disk of its own for a nats-server: a file with a file system that only that process sees mounted. The mount
 * is gone with the process, however that ends.
 *
 * Power cut: what the file system had not handed to its disk is lost. The process is frozen, the disk is copied as it
 * is at that moment, and the next start mounts the copy.
 */
import { execFile } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { makeTempFolder, type NatsServer, type NatsServerOptions } from '@hermod/testkit'

export interface Disk extends AsyncDisposable {
  /** What lets a nats-server have its store on it. */
  readonly options: Required<Pick<NatsServerOptions, 'storeDir' | 'startBy' | 'maxFileStore'>>
  /** Ends the server as a power cut does; what comes back has what was flushed. */
  cutPower(server: NatsServer): Promise<void>
  /** Another program takes every byte that is left. */
  fill(server: NatsServer): Promise<void>
  free(server: NatsServer): Promise<void>
}

const run = promisify(execFile)
const mebibyte = 1024 * 1024

/** `isLazy`: a new file is on the disk only when somebody flushes it, and not after 5 s by itself. */
export async function makeDisk(
  mebibytes: number,
  { isLazy = false }: { readonly isLazy?: boolean } = {},
): Promise<Disk> {
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await makeTempFolder('disk')).path
  const path = join(folder, 'mounted')
  let life = 0
  const image = (): string => join(folder, `image-${life}`)
  const startBy = (command: readonly [string, ...string[]]): readonly [string, ...string[]] => {
    // The kernel gives a file back a moment after the end of the process that had it mounted.
    const given = `while losetup --associated ${image()} | grep -q .; do sleep 0.02; done`
    const mount = `mount -o loop${isLazy ? ',commit=600' : ''} ${image()} ${path}`
    return ['unshare', '--mount', 'sh', '-c', `${given}; ${mount} && exec "$@"`, 'sh', ...command]
  }
  // As whoever sees the mount has it.
  const ballast = ({ pid }: NatsServer): string => `/proc/${pid}/root${path}/ballast`
  await mkdir(path)
  await run('truncate', ['--size', String(mebibytes * mebibyte), image()])
  await namingWhatIsMissing(async () => {
    await run('mkfs.ext4', ['-q', image()])
    const [program, ...args] = startBy(['true'])
    await run(program, args)
  })
  const started = stack.move()
  return {
    options: { storeDir: join(path, 'store'), startBy, maxFileStore: '16GB' },
    async cutPower(server) {
      server.pause()
      const before = image()
      life++
      await run('cp', ['--sparse=always', before, image()])
      await server.kill()
      await run('rm', [before])
    },
    async fill(server) {
      const everything = Buffer.alloc(mebibytes * mebibyte)
      await writeFile(ballast(server), everything).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOSPC') throw error
      })
    },
    free: (server) => rm(ballast(server)),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

/** A machine that cannot do it is named, not passed over. */
async function namingWhatIsMissing(attempt: () => Promise<void>): Promise<void> {
  try {
    await attempt()
  } catch (cause) {
    throw new Error(
      'could not run: a disk of its own for nats-server needs root and loop devices (unshare, losetup, mount, mkfs.ext4)',
      { cause },
    )
  }
}
