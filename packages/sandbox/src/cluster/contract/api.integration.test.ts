import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  createDeployment,
  createNamespace,
  type Deployment,
  KubeApi,
  KubeApiError,
  type KubeList,
  type KubeObject,
  setImage,
  type WatchEvent,
  waitForRollout,
} from '@hermod/testkit'
import { type ClusterPair, type Side, startClusterPair } from './cluster-pair.ts'

let pair: ClusterPair
const namespace = 'shop'
const path = `/apis/apps/v1/namespaces/${namespace}/deployments`
const names = ['a', 'b', 'c', 'd', 'e']

before(async () => {
  pair = await startClusterPair()
  for (const { api } of [pair.model, pair.real]) {
    await createNamespace(api, namespace)
    for (const name of names) await createDeployment(api, { namespace, name, image: 'web:1', replicas: 0 })
    for (const name of names) await waitForRollout(api, { namespace, name })
  }
})
after(() => pair[Symbol.asyncDispose]())

/** A promise that both keep, in the same words. */
function both(title: string, tell: (side: Side) => Promise<unknown>): void {
  test(title, async () => {
    const [model, real] = await Promise.all([tell(pair.model), tell(pair.real)])
    assert.deepEqual(model, real)
  })
}

const nameOf = ({ metadata }: { readonly metadata: { readonly name?: string } }): string =>
  metadata.name ?? ''

async function refusal(request: Promise<unknown>): Promise<unknown> {
  const answer = await request.then(
    () => 'taken',
    (error: unknown) => error,
  )
  return answer instanceof KubeApiError ? [answer.code, answer.reason] : answer
}

async function watch(
  side: Side,
  query: Readonly<Record<string, string>>,
  enough: (events: readonly WatchEvent<Deployment>[]) => boolean,
) {
  const events: WatchEvent<Deployment>[] = []
  const signal = AbortSignal.timeout(20_000)
  for await (const event of side.api.watch<Deployment>(path, query, signal)) {
    events.push(event)
    if (enough(events)) break
  }
  return events
}

both('a list comes in pages of one moment, in order', async ({ api }) => {
  const pages: unknown[] = []
  for (let next = ''; ; ) {
    const page = await api.get<
      KubeList<Deployment> & { metadata: { continue?: string; remainingItemCount?: number } }
    >(`${path}?limit=2${next && `&continue=${encodeURIComponent(next)}`}`)
    pages.push([page.items.map(nameOf), page.metadata.remainingItemCount])
    next = page.metadata.continue ?? ''
    if (next === '') return pages
  }
})

both('lists are narrowed by fields and labels', async ({ api }) => {
  const found = async (query: string): Promise<readonly string[]> =>
    (await api.list<Deployment>(`${path}?${query}`)).items.map(nameOf)
  return [
    await found('fieldSelector=metadata.name%3Db'),
    await found('fieldSelector=metadata.name!%3Db'),
    await found('labelSelector=app%3Da'),
  ]
})

both('what cannot be is refused with the same code and reason', async ({ api }) => {
  const shape = {
    metadata: { name: 'x' },
    spec: {
      selector: { matchLabels: { app: 'x' } },
      template: { metadata: { labels: { app: 'y' } }, spec: { containers: [{ name: 'app', image: 'x' }] } },
    },
  }
  return [
    await refusal(api.get(`${path}/none`)),
    await refusal(api.get('/apis/apps/v1/nothings')),
    await refusal(api.create('/api/v1/namespaces', { metadata: { name: namespace } })),
    await refusal(createDeployment(api, { namespace: 'none', name: 'x', image: 'x' })),
    await refusal(api.create(path, shape)),
    await refusal(api.create(path, { metadata: {} })),
    await refusal(api.patch(`${path}/a`, { metadata: { resourceVersion: '1' }, spec: { replicas: 1 } })),
    await refusal(api.patch(`${path}/a`, { spec: { replicas: -1 } })),
    await refusal(api.patch(`${path}/none`, {})),
    await refusal(api.delete(`${path}/none`)),
    await refusal(api.get(`${path}?limit=2&continue=garbage`)),
    await refusal(
      watch(pair.model.api === api ? pair.model : pair.real, { resourceVersion: 'garbage' }, () => true),
    ),
    await refusal(
      watch(
        pair.model.api === api ? pair.model : pair.real,
        { sendInitialEvents: 'true', allowWatchBookmarks: 'true' },
        () => true,
      ),
    ),
  ]
})

both('a wrong token is nobody', async ({ access }) => {
  await using stranger = new KubeApi({ ...access, token: 'wrong' })
  return [await refusal(stranger.list(path)), await refusal(stranger.get('/readyz'))]
})

both('a WatchList tells all there is in order, then its end mark, then what happens', async (side) => {
  const query = {
    sendInitialEvents: 'true',
    resourceVersionMatch: 'NotOlderThan',
    allowWatchBookmarks: 'true',
  }
  let marked = false
  const events = await watch(side, query, (seen) => {
    const last = seen.at(-1)
    if (last?.type === 'BOOKMARK' && !marked) {
      marked = true
      void setImage(side.api, { namespace, name: 'c' }, 'web:2')
    }
    return last?.type === 'MODIFIED'
  })
  return events.map(({ type, object: { kind, metadata } }) => [
    type,
    kind,
    metadata.name,
    metadata.annotations?.['k8s.io/initial-events-end'],
  ])
})

both('a watch goes on where a list or a watch ended, and skips nothing', async (side) => {
  const { metadata } = await side.api.list(path)
  await setImage(side.api, { namespace, name: 'a' }, 'web:2')
  await setImage(side.api, { namespace, name: 'a' }, 'web:3')
  const generations = (events: readonly WatchEvent<Deployment>[]) =>
    events.map(({ object }) => object.metadata.generation)
  const first = await watch(side, { resourceVersion: metadata.resourceVersion }, (seen) => seen.length === 1)
  const from = first[0]?.object.metadata.resourceVersion ?? ''
  const rest = await watch(
    side,
    { resourceVersion: from },
    (seen) => seen.at(-1)?.object.metadata.generation === 3,
  )
  return [...new Set([...generations(first), ...generations(rest)])]
})

both('a watch ends when its time is over, without a word', async (side) => {
  const { metadata } = await side.api.list(path)
  const began = performance.now()
  const events = await watch(
    side,
    { resourceVersion: metadata.resourceVersion, timeoutSeconds: '1' },
    () => false,
  )
  return [
    events.filter(({ object }) => object.metadata.name === 'b').length,
    performance.now() - began >= 900,
  ]
})

both('a patch that changes nothing is no change', async ({ api }) => {
  const before = await api.get<Deployment>(`${path}/d`)
  const after = await api.patch<Deployment>(`${path}/d`, { spec: { replicas: 0 } })
  return before.metadata.resourceVersion === after.metadata.resourceVersion
})

both('who wrote what of a Deployment is told, whoever wrote it last', async ({ api }) => {
  const template = (container: object): object => ({
    metadata: { labels: { app: 'owned' } },
    spec: { containers: [{ name: 'app', ...container }] },
  })
  await api.create(`${path}?fieldManager=helm`, {
    metadata: { name: 'owned', annotations: { a: '1' } },
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: 'owned' } },
      template: template({ image: 'web:1', env: [{ name: 'A', value: '1' }] }),
    },
  })
  const writes: readonly [who: string, patch: object][] = [
    [
      '?fieldManager=kubectl-set',
      { spec: { template: template({ image: 'web:2', resources: { limits: { memory: '1Gi' } } }) } },
    ],
    ['?fieldManager=kubectl-scale', { spec: { replicas: 1 } }],
    ['', { metadata: { annotations: { b: '1' } } }],
    ['?fieldManager=helm', { metadata: { annotations: { a: null, b: '2' } } }],
  ]
  for (const [who, patch] of writes) await api.patch(`${path}/owned${who}`, patch)
  const { metadata } = await api.get<KubeObject & { metadata: { managedFields: readonly Owner[] } }>(
    `${path}/owned`,
  )
  return metadata.managedFields
    .filter(({ subresource }) => subresource === undefined)
    .map(({ manager, operation, fieldsV1 }) => ({ manager, operation, fields: withoutDots(fieldsV1) }))
    .sort((a, b) => (a.manager < b.manager ? -1 : 1))
})

interface Owner {
  readonly manager: string
  readonly operation: string
  readonly subresource?: string
  readonly fieldsV1: object
}

function withoutDots(fields: object): object {
  const kept = Object.entries(fields).filter(([path]) => path !== '.')
  return Object.fromEntries(kept.map(([path, inner]) => [path, withoutDots(inner as object)]))
}

both('a watch from before a restart is told so by an event, not by its status', async (side) => {
  const { metadata } = await side.api.list(path)
  await setImage(side.api, { namespace, name: 'e' }, 'web:2')
  await side.restart()
  const { resourceVersion } = metadata
  const signal = AbortSignal.timeout(20_000)
  await using stranger = new KubeApi(side.access)
  return await refusal(stranger.watch(path, { resourceVersion }, signal).next())
})
