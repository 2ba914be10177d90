import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually } from './eventually.ts'
import { startProcess } from './process/start-process.ts'
import { makeTempFolder } from './process/temp-folder.ts'
import { webdavTool } from './tools/judges.ts'
import { obtain } from './tools/obtain.ts'

/** A real store of files over HTTP, with one user. */
export interface WebdavServer extends AsyncDisposable {
  readonly url: string
  /** `user:password`. */
  readonly login: string
  /** Where its files lie. */
  readonly folder: string
  /** SIGKILL; its files stay. */
  kill(): Promise<void>
}

/** Throws ToolUnavailable. */
export async function startWebdavServer(): Promise<WebdavServer> {
  const program = await obtain(webdavTool)
  await using cleanup = new AsyncDisposableStack()
  const folder = join(cleanup.use(await makeTempFolder('webdav')).path, 'files')
  await mkdir(folder)
  const login = 'hermod:pass:word'
  const server = cleanup.use(await startProcess(program, [folder], { env: { WEBDAV_LOGIN: login } }))
  const url = await eventually(() => {
    const [address] = /^http:\S+/m.exec(server.output) ?? []
    if (address === undefined) throw new Error(`the store does not answer: ${server.output}`)
    return address
  })
  const started = cleanup.move()
  return {
    url,
    login,
    folder,
    kill: () => server.kill(),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}
