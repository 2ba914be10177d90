/** Owns what the services are given secrets for, and the lookout for each of those secrets. */
import {
  type ControlPlane,
  type FakeArtifactory,
  type FakeSentry,
  startFakeArtifactory,
  startFakeSentry,
} from '@hermod/testkit'
import { asUser } from '../nats-rights/shipped-authorization.ts'
import { type ServiceName, serviceNames } from '../pipeline/service-process.ts'
import { Lookout, makeCanary } from './canaries.ts'

export interface Outside extends AsyncDisposable {
  readonly sentry: FakeSentry
  readonly artifactory: FakeArtifactory
  readonly slackToken: string
  /** A value of env of every Deployment. */
  readonly envSecret: string
  readonly lookout: Lookout
  /** When the cache first held this tag: monotonic ms. */
  readonly cachedMs: (tag: string) => number | undefined
  /** Whether the cache has an entry of this Deployment. */
  readonly isCached: (namespace: string, name: string) => boolean
  /** What each service is told of it. */
  readonly settings: Readonly<Record<ServiceName, Readonly<Record<string, string>>>>
}

export async function startOutside({ token }: ControlPlane): Promise<Outside> {
  await using stack = new AsyncDisposableStack()
  const dsnKey = makeCanary('dsn')
  const password = makeCanary('artifactory')
  const slackToken = makeCanary('slack')
  const digestKey = makeCanary('digest')
  const envSecret = makeCanary('env')
  const sentry = stack.use(await startFakeSentry({ key: dsnKey }))
  const users = [{ name: 'ci', password, rights: ['read', 'deploy', 'delete'] as const }]
  const artifactory = stack.use(await startFakeArtifactory({ users }))
  const lookout = new Lookout(
    new Map([
      ['a value of env', envSecret],
      ['the Sentry DSN', dsnKey],
      ['ARTIFACTORY_LOGIN', password],
      ['SLACK_TOKEN', slackToken],
      ['DIGEST_KEY', digestKey],
      ['the token of the API server', token],
      ...serviceNames.map((name) => [`the NATS password of ${name}`, asUser(name).NATS_PASSWORD] as const),
    ]),
  )
  const cache = { ARTIFACTORY_URL: `${artifactory.url}/cache` }
  const all = { SENTRY_ENDPOINT: sentry.dsn }
  const started = stack.move()
  return {
    sentry,
    artifactory,
    slackToken,
    envSecret,
    lookout,
    cachedMs(tag) {
      const put = artifactory.calls.find(({ method, sent }) => method === 'PUT' && sent.includes(`:${tag}"`))
      return put && put.at - performance.timeOrigin
    },
    isCached(namespace, name) {
      const file = artifactory.file(`cache/deployment-events-v2-default-namespace-${namespace}.json`)
      return (file?.toString() ?? '').includes(`${JSON.stringify(name)}:`)
    },
    settings: {
      watcher: { ...all, ...cache, DIGEST_KEY: digestKey },
      dedupe: { ...all, ...cache, ARTIFACTORY_LOGIN: artifactory.login },
      notifier: all,
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}
