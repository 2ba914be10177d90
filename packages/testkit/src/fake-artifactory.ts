import { type ArtifactoryUser, userOf } from './artifactory/credentials.ts'
import { FileStore } from './artifactory/repository.ts'
import { serveRequest } from './artifactory/serve-request.ts'
import { type FaultRule, FaultScript, type HttpFault, type InjectedFault } from './http/http-faults.ts'
import { startHttpStandIn } from './http/http-stand-in.ts'

/**
 * Generic repositories of an Artifactory over HTTP, as strict as the real one in what a cache file meets: 201 for
 * every PUT, the delete right for an overwrite, checksums, unquoted ETags, ambiguous 404s, JSON errors.
 *
 * Writes are never conditional: as in the real one the last writer wins.
 */
export interface FakeArtifactoryOptions {
  /** A free one by default. */
  port?: number
  /** By name; one local repository `cache` by default. A virtual one takes no PUT. */
  repositories?: Readonly<Record<string, 'local' | 'virtual'>>
  /** One account with all rights by default, whose password holds colons. */
  users?: readonly ArtifactoryUser[]
  /** Answers 404 where the account's rights do not suffice. */
  hidesUnauthorized?: boolean
}

export interface ArtifactoryCall {
  /** Rises from 1 in order of arrival. */
  readonly id: number
  readonly method: string
  /** `cache/folder/name.json` */
  readonly key: string
  /** The account's name; absent without valid credentials. */
  readonly user?: string
  /** The body of a PUT. */
  readonly sent: Buffer
  /** Unix ms. */
  readonly at: number
  readonly ended: boolean
  /** Kind or label of the fault that hit it. */
  readonly fault?: string
  /** Absent if none was sent. */
  readonly status?: number
}

export interface FakeArtifactory extends AsyncDisposable {
  readonly port: number
  /** `http://127.0.0.1:PORT/artifactory` */
  readonly url: string
  /** `user:password` of the first account. */
  readonly login: string
  /** Change `rights` in place to give and take them. */
  readonly users: readonly ArtifactoryUser[]
  hidesUnauthorized: boolean
  readonly calls: readonly ArtifactoryCall[]
  /** What lies at `cache/name.json`. */
  file(key: string): Buffer | undefined
  /** Puts a file there without a call. */
  place(key: string, bytes: string | Buffer): void
  /** As a cleanup policy would. */
  remove(key: string): void
  inject(fault: HttpFault, rule?: FaultRule<ArtifactoryCall>): InjectedFault
  liftFaults(): void
}

export async function startFakeArtifactory(options: FakeArtifactoryOptions = {}): Promise<FakeArtifactory> {
  const { repositories = { cache: 'local' }, hidesUnauthorized = false } = options
  const users = options.users ?? [usualUser()]
  const files = new FileStore()
  const house = { files, repositories }
  const calls: { -readonly [K in keyof ArtifactoryCall]: ArtifactoryCall[K] }[] = []
  const faults = new FaultScript<ArtifactoryCall>()

  const server = await startHttpStandIn<ArtifactoryCall>({
    port: options.port,
    faults,
    begin(request) {
      // What follows a semicolon are properties, not the name.
      const [path = ''] = decodeURIComponent(request.url.pathname).split(';')
      const key = path.replace(/^\/artifactory\//, '')
      const user = userOf(request.headers, users)
      const call: (typeof calls)[number] = {
        id: calls.length + 1,
        method: request.method,
        key,
        ...(user && { user: user.name }),
        sent: request.body,
        at: Date.now(),
        ended: false,
      }
      calls.push(call)
      return {
        call,
        carryOut: () =>
          serveRequest(request, { ...house, key, user, hidesUnauthorized: artifactory.hidesUnauthorized }),
        ended({ fault, status }) {
          Object.assign(call, {
            ended: true,
            ...(fault && { fault: fault.label ?? fault.kind }),
            ...(status && { status }),
          })
        },
      }
    },
  })

  const [first = usualUser()] = users
  const artifactory: FakeArtifactory = {
    port: server.port,
    url: `${server.url}/artifactory`,
    login: `${first.name}:${first.password}`,
    users,
    hidesUnauthorized,
    calls,
    file: (key) => files.get(key)?.bytes,
    place: (key, bytes) => void files.put(key, Buffer.from(bytes)),
    remove: (key) => void files.remove(key),
    inject: (fault, rule) => faults.inject(fault, rule),
    liftFaults: () => faults.liftAll(),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
  return artifactory
}

function usualUser(): ArtifactoryUser {
  return {
    name: 'hermod',
    password: 'pass:with:colons',
    token: 'reference-token',
    rights: ['read', 'deploy', 'delete'],
  }
}
