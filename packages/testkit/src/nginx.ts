import { createHash } from 'node:crypto'
import { access, chmod, constants, mkdir, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { hostEnvironment } from './environment.ts'
import { onFreePort } from './free-port.ts'
import { startProcess } from './process/start-process.ts'
import { makeTempFolder } from './process/temp-folder.ts'
import { whenReady } from './process/when-ready.ts'
import type { WebdavServer } from './webdav-server.ts'

/** nginx where somebody installed it: it comes from a distribution's packages, which not every machine has. */
export async function findNginx(): Promise<string | undefined> {
  const folders = [...(hostEnvironment()['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  for (const folder of folders.filter((each) => each !== '')) {
    const program = join(folder, 'nginx')
    const runs = await access(program, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (runs) return program
  }
  return undefined
}

/** A real store of files over HTTP, with one user, by nginx and its ngx_http_dav_module. */
export async function startNginx(program: string): Promise<WebdavServer> {
  await using cleanup = new AsyncDisposableStack()
  const root = cleanup.use(await makeTempFolder('nginx')).path
  const folder = join(root, 'files')
  await mkdir(folder)
  // Its worker may run as somebody else.
  for (const each of [root, folder]) await chmod(each, 0o777)
  const [user, password] = ['hermod', 'pass:word']
  const sealed = createHash('sha1').update(password).digest('base64')
  await writeFile(join(root, 'users'), `${user}:{SHA}${sealed}\n`)
  const start = async (port: number) => {
    await writeFile(join(root, 'nginx.conf'), configOf(root, port))
    const server = await startProcess(program, ['-p', root, '-c', join(root, 'nginx.conf')])
    const check = (): Promise<unknown> => fetch(`http://127.0.0.1:${port}/`)
    return { port, server: await whenReady(server, { name: 'nginx', check, port }) }
  }
  const { port, server } = await onFreePort(start)
  cleanup.use(server)
  const started = cleanup.move()
  return {
    url: `http://127.0.0.1:${port}`,
    login: `${user}:${password}`,
    folder,
    kill: () => server.kill(),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

function configOf(root: string, port: number): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((each) => `${each}_temp_path ${root}/${each};`)
    .join('\n  ')
  return `daemon off;
master_process off;
pid ${root}/nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
  ${temporary}
  server {
    listen 127.0.0.1:${port};
    root ${root}/files;
    auth_basic files;
    auth_basic_user_file ${root}/users;
    dav_methods PUT DELETE;
    create_full_put_path on;
  }
}
`
}
