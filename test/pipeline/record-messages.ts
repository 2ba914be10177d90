// `node test/pipeline/record-messages.ts`: plays rollouts against the whole pipeline and keeps the first message of each kind, for
// the test that what one version wrote is read for ever. Run it when a version rises; what is there is left alone.
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { observationSubject } from '@hermod/contracts'
import { eventually } from '@hermod/testkit'
import { connect, type Msg } from '@nats-io/transport-node'
import { startCluster, startPipeline } from './pipeline.ts'

const folder = join(import.meta.dirname, '..', '..', 'packages', 'contracts', 'src', 'testdata', 'recorded')

interface Data {
  readonly version?: number
  readonly kind?: string
  readonly action?: string
}

const kept = new Set<string>()
const subjects = new Set<string>()

function keep({ subject, data, headers }: Msg): void {
  subjects.add(subject)
  if (data.length === 0) return
  const body = JSON.parse(new TextDecoder().decode(data)) as
    | Data
    | { readonly type: string; readonly data: Data }
  const [type, inner] = 'type' in body ? [body.type.replace('hermod.', ''), body.data] : ['state', body]
  // The one that is to become a dead letter.
  if (inner.version === undefined) return
  const kind = inner.action ?? inner.kind ?? type
  kept.add(kind).add(`${type}/${kind}`)
  const file = join(folder, `${type}.${inner.version}`, `${kind}.json`)
  if (existsSync(file)) return
  const values = Object.fromEntries([...(headers ?? [])].map(([name, [value]]) => [name, value]))
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify({ subject, headers: values, body }, null, 2)}\n`)
}

async function until(...kinds: readonly string[]): Promise<void> {
  await eventually(
    () => {
      const missing = kinds.filter((kind) => !kept.has(kind))
      if (missing.length > 0) throw new Error(`not seen yet: ${missing.join(', ')}`)
    },
    { timeoutMs: 60_000 },
  )
}

await using cluster = await startCluster()
const { operator, controlPlane } = cluster
await operator.createNamespace('shop', 'shop')
await operator.create({ namespace: 'shop', name: 'web', replicas: 3, progressDeadlineSeconds: 5 })
await operator.createNamespace('blog', 'shop')
await operator.create({ namespace: 'blog', name: 'web' })
await eventually(() => operator.checkComplete('shop', 'web'))
await eventually(() => operator.checkComplete('blog', 'web'))
await using pipeline = await startPipeline({
  cluster,
  slack: { channels: ['shop'] },
  settings: { watcher: { NAMESPACES: 'shop' } },
})
const nats = await connect({ servers: pipeline.nats.url })
nats.subscribe('hermod.>', { callback: (_, message) => keep(message) })

await operator.setTag('shop', 'web', 'slow-2')
await until('started', 'progressed', 'succeeded', 'posted', 'edited', 'state')
await operator.setTag('shop', 'web', 'badimage-3')
await until('stalled', 'failed', 'replied')
await operator.patch('shop', 'web', { spec: { paused: true } })
await operator.setTag('shop', 'web', 'slow-4')
await operator.patch('shop', 'web', { spec: { paused: false } })
await operator.setTag('shop', 'web', 'slow-5')
await operator.patch('shop', 'web', { spec: { paused: true } })
await until('paused', 'superseded')
await operator.patch('shop', 'web', { spec: { paused: false } })
await until('resumed')
await operator.setTag('shop', 'web', 'badimage-6')
const web = { cluster: 'test', namespace: 'shop', name: 'web' }
nats.publish(observationSubject(web, 16), '{}')
await until('dead-letter')
await controlPlane.api.delete('/apis/apps/v1/namespaces/shop/deployments/web')
await until('deleted')
await operator.setTag('blog', 'web', 'badimage-2')
await eventually(() =>
  assert.ok([...subjects].some((subject) => /rollout.*blog\.web\.started/.test(subject))),
)
const noSlack = { metadata: { annotations: { 'hermod.uswitch.com/slack': null } } }
await controlPlane.api.patch('/api/v1/namespaces/blog', noSlack)
await until('snapshot/released', 'transition/released')
const { watcher } = pipeline.services
await watcher.stop()
await watcher.restart()
await until('snapshot-begin', 'snapshot-end')
process.stdout.write(`${[...kept].filter((kind) => kind.includes('/')).join('\n')}\n`)
await nats.close()
