// What a first `npm start` waits for longest is nats-server: it can be compiled into Go's own cache while npm fetches
// what else is missing. This is no more than a head start: packages/testkit builds it, and tells what is in the way.
import { existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

/** The arguments and variables of `go`; undefined where there is nothing to gain. */
export function compilationAhead(program, env) {
  const needsServer = program === 'packages/sandbox/src/main.ts' && !env.NATS_URL && !env.NATS_SERVER
  if (!needsServer || isOnPath('nats-server', env) || isMade('nats-server', env) || !isOnPath('go', env))
    return undefined
  return {
    // What changes a compiled package stands in packages/testkit/src/tools/build-with-go.ts too.
    args: [
      '-C',
      'packages/testkit/src/tools/modules/nats-server',
      'build',
      '-mod=readonly',
      '-modcacherw',
      '-trimpath',
      'github.com/nats-io/nats-server/v2/server',
    ],
    env: { ...env, CGO_ENABLED: '0', GOWORK: 'off', GO111MODULE: 'on' },
  }
}

function isOnPath(name, { PATH = '' }) {
  return PATH.split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, name)))
}

function isMade(name, { HERMOD_HOME, XDG_CACHE_HOME }) {
  const home = HERMOD_HOME || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'hermod')
  const tools = join(home, 'tools')
  return existsSync(tools) && readdirSync(tools).some((folder) => new RegExp(`^${name}-\\d`).test(folder))
}
