// Owns what the watcher's doctor finds out about the cluster.
import { buckets, channelsByUse, escapeToken, slackAnnotation } from '@hermod/contracts'
import { openBucket, type Reach } from '@hermod/jetstream'
import type { Finding } from '@hermod/runtime'
import { apiAccess } from './api-access.ts'
import { field, text } from './api-server/api-object.ts'
import { describeFailure } from './api-server/api-status.ts'
import { type ApiTransport, HttpTransport } from './api-server/api-transport.ts'
import { readJson } from './api-server/read-json.ts'
import type { WatcherConfig } from './config.ts'
import { annotationProblems, ownAnnotations } from './deployment/annotation-problems.ts'
import { describeRight, mayWe, type Right } from './own-rights.ts'

const grantIt =
  'grant it as k8s/components/cluster-wide does, or name NAMESPACES and grant it in each of them'

/** `reach` = NATS, where the names of clusters stand. */
export async function* examineCluster(
  config: WatcherConfig,
  reach: Reach | undefined,
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  const access = apiAccess(config)
  await using transport = new HttpTransport(access)
  const late = AbortSignal.any([signal, AbortSignal.timeout(60_000)])
  try {
    // What reads a kubeconfig is large, and its loading is no slowness of the API server.
    await access({ renew: false })
    const version = await readJson(transport, { path: '/version', query: {}, signal: late })
    const detail =
      version.kind === 'ok' ? `Kubernetes ${text(field(version.body, 'gitVersion'))}` : version.message
    if (version.kind !== 'ok' && version.status === 401)
      yield { about: 'API server', state: 'problem', detail, remedy: 'renew the token or the kubeconfig' }
    else yield { about: 'API server', state: 'ok', detail }
    if (reach) yield await clashFinding(config, transport, reach, late)
    yield* rightsFindings(config, transport, late)
    yield* namespaceFindings(config, transport, late)
  } catch (error) {
    const remedy = 'check the kubeconfig, or whether this pod may reach the API server'
    yield { about: 'API server', state: 'problem', detail: describeFailure(error), remedy }
  }
}

async function clashFinding(
  { cluster }: WatcherConfig,
  transport: ApiTransport,
  reach: Reach,
  signal: AbortSignal,
): Promise<Finding> {
  const about = `cluster name ${cluster}`
  const read = await readJson(transport, { path: '/api/v1/namespaces/kube-system', query: {}, signal })
  const own = read.kind === 'ok' ? text(field(field(read.body, 'metadata'), 'uid')) : ''
  const bucket = openBucket<unknown>({
    connection: reach.connection,
    bucket: buckets.clusters.name,
    parse: (value) => ({ kind: 'ok', value }),
    report: reach.report,
  })
  const key = escapeToken(cluster)
  try {
    const stored = await reach.within(async (late) => await bucket.load(key, late))
    const claimed = text(field(stored?.value, 'kubeSystemUid'))
    if (own === '')
      return { about, state: 'unclear', detail: 'kube-system may not be read, so a clash cannot be seen' }
    if (claimed === '' || claimed === own) return { about, state: 'ok', detail: 'is this cluster’s alone' }
    const remedy = `give this one a CLUSTER_NAME of its own; if it was made anew, remove the key ${key} of the KV bucket clusters`
    return { about, state: 'problem', detail: 'another cluster goes by it', remedy }
  } catch (error) {
    signal.throwIfAborted()
    return { about, state: 'unclear', detail: describeFailure(error) }
  }
}

async function* rightsFindings(
  { namespaces: named, annotatedNamespaces }: WatcherConfig,
  transport: ApiTransport,
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  const confined = !annotatedNamespaces && !named.includes('*')
  const wide: readonly Right[] = (['list', 'watch'] as const).flatMap((verb) => [
    { verb, group: '', resource: 'namespaces' },
    { verb, group: 'apps', resource: 'deployments' },
  ])
  const missing = confined ? wide : await lacking(transport, wide, signal)
  if (missing.length > 0 && (named.length === 0 || named.includes('*')))
    yield {
      about: 'rights',
      state: 'problem',
      detail: `may not ${missing.map(describeRight).join(', ')}`,
      remedy: grantIt,
    }
  const places: readonly { readonly namespace?: string }[] =
    missing.length === 0 ? [{}] : named.filter((name) => name !== '*').map((namespace) => ({ namespace }))
  for (const place of places) yield* rightsIn(place, transport, signal)
}

async function* rightsIn(
  place: { readonly namespace?: string },
  transport: ApiTransport,
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  const about = place.namespace === undefined ? 'rights' : `rights in ${place.namespace}`
  const needed: readonly Right[] = (['list', 'watch'] as const).flatMap((verb) => [
    { verb, group: 'apps', resource: 'deployments', ...place },
    { verb, group: 'apps', resource: 'replicasets', ...place },
    { verb, group: '', resource: 'pods', ...place },
  ])
  const missing = await lacking(transport, needed, signal)
  const remedy = grantIt
  if (missing.length > 0)
    yield { about, state: 'problem', detail: `may not ${missing.map(describeRight).join(', ')}`, remedy }
  else yield { about, state: 'ok', detail: 'Deployments, ReplicaSets and Pods may be listed and watched' }
  if (await mayWe(transport, { verb: 'list', group: '', resource: 'events', ...place }, signal)) return
  yield { about, state: 'unclear', detail: 'Events may not be listed: some causes stay unnamed', remedy }
}

async function lacking(
  transport: ApiTransport,
  rights: readonly Right[],
  signal: AbortSignal,
): Promise<readonly Right[]> {
  const allowed = await Promise.all(rights.map(async (right) => await mayWe(transport, right, signal)))
  return rights.filter((_, index) => allowed[index] === false)
}

async function* namespaceFindings(
  { namespaces: named, annotatedNamespaces }: WatcherConfig,
  transport: ApiTransport,
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  const read = await readJson(transport, {
    path: '/api/v1/namespaces',
    query: { resourceVersion: '0' },
    signal,
  })
  if (read.kind !== 'ok') return
  const items = field(read.body, 'items')
  let inScope = named.length
  for (const item of Array.isArray(items) ? items : []) {
    const metadata = field(item, 'metadata')
    const name = text(field(metadata, 'name'))
    const annotations = ownAnnotations(Object.assign({}, field(metadata, 'annotations')))
    const asks = annotatedNamespaces && (annotations[slackAnnotation] ?? '') !== ''
    if (!asks && !named.includes(name) && !named.includes('*')) continue
    inScope++
    yield* namespaceFinding(name, annotations)
  }
  if (inScope > 0) return
  const remedy = `kubectl annotate namespace NAME ${slackAnnotation}=CHANNEL`
  yield { about: 'namespaces', state: 'problem', detail: 'none is watched', remedy }
}

function* namespaceFinding(name: string, annotations: Readonly<Record<string, string>>): Generator<Finding> {
  const about = `namespace ${name}`
  const problems = annotationProblems('Namespace', annotations)
  for (const { annotation, value, problem } of problems) {
    const [what = problem, remedy] = problem.split(': ')
    const detail = `${annotation}: ${JSON.stringify(value)} ${what}`
    yield { about, state: 'problem', detail, ...(remedy !== undefined && { remedy }) }
  }
  const channels = channelsByUse(annotations[slackAnnotation] ?? '').used
  if (problems.some(({ annotation }) => annotation === slackAnnotation)) return
  const detail = channels.length === 0 ? 'tells SLACK_CHANNEL' : `tells ${channels.join(', ')}`
  yield { about, state: 'ok', detail, channels }
}
