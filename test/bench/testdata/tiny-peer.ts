// A program that tells of rollouts as plainly as can be: a post when one begins, a post when it is live.
// `node tiny-peer.ts [silent|twice|early]`: never says live; says it twice; says it at the start.
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type Deployment, isComplete, KubeApi } from '@hermod/testkit'
import { parse } from 'yaml'

const [flaw] = process.argv.slice(2)
const { KUBECONFIG: file = '', SLACK_API_URL: slack = '', SLACK_TOKEN: token = '' } = process.env
const channel = process.env['SLACK_CHANNEL'] ?? ''

interface Kubeconfig {
  readonly clusters: readonly [{ readonly cluster: Readonly<Record<string, string>> }]
  readonly users: readonly [{ readonly user: Readonly<Record<string, string>> }]
}

const config = parse(readFileSync(file, 'utf8')) as Kubeconfig
const { server = '', 'certificate-authority': authority = '' } = config.clusters[0].cluster
await using api = new KubeApi({
  url: server,
  ca: readFileSync(resolve(dirname(file), authority), 'utf8'),
  token: config.users[0].user['token'] ?? '',
})

const images = new Map<string, string>()
const open = new Set<string>()
const never = new AbortController().signal
for await (const { object } of api.watch<Deployment>('/apis/apps/v1/deployments', {}, never)) {
  const { uid, name } = object.metadata
  const image = object.spec.template.spec.containers[0]?.image ?? ''
  const before = images.get(uid)
  images.set(uid, image)
  if (before !== undefined && before !== image) {
    open.add(uid)
    await say(`${name} begins with ${image}`)
    if (flaw === 'early') await say(`${name} is live with ${image}`)
  }
  if (!open.has(uid) || !isComplete(object)) continue
  open.delete(uid)
  const times = flaw === undefined ? 1 : flaw === 'twice' ? 2 : 0
  for (let time = 0; time < times; time++) await say(`${name} is live with ${image}`)
}

async function say(text: string): Promise<void> {
  await fetch(`${slack}chat.postMessage`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ channel, text }),
  })
}
