// Speed and size of the watcher as it ships, on a real API server and a real nats-server with fsync:
//   npm run bundle && node services/watcher/bench/watcher-bench.ts [reflector] [cluster] [--small]
// 5,000 Deployments with 20,000 pods in 500 namespaces; a tenth of that with --small. Making them takes the longest:
// with --cluster=FOLDER they are made there once, with --make no more than that, and measured on a copy.
import { existsSync } from 'node:fs'
import { cp, lstat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { makeTempFolder, startControlPlane } from '@hermod/testkit'
import { startBed } from './bed.ts'
import { burstFigures } from './burst-figures.ts'
import { type ClusterSize, makeCluster } from './busy-cluster.ts'
import { publishFigures, restFigures, startFigures } from './cluster-figures.ts'
import { diagnosisFigures } from './diagnosis-figures.ts'
import { print, say } from './figures.ts'
import { reflectorFigures } from './reflector-figures.ts'
import { silenceFigures } from './silence-figures.ts'

const asked = process.argv.slice(2)
const parts = asked.filter((argument) => !argument.startsWith('--'))
const size: ClusterSize = {
  namespaces: asked.includes('--small') ? 50 : 500,
  deploymentsEach: 10,
  podsEach: 4,
}
const script = join(import.meta.dirname, '../../../dist/watcher.mjs')

const figures = [startFigures, restFigures, publishFigures, diagnosisFigures, burstFigures, silenceFigures]

print({ what: '', asked: 'asked', measured: 'measured' })
if (parts.length === 0 || parts.includes('reflector')) await reflectorFigures(print)
if (parts.length === 0 || parts.includes('cluster')) await clusterFigures()

async function clusterFigures(): Promise<void> {
  await using made = await makeTempFolder('cluster')
  const folder = asked.find((argument) => argument.startsWith('--cluster='))?.slice('--cluster='.length)
  const original = folder ?? made.path
  if (!existsSync(join(original, 'made'))) await makeClusterIn(original)
  if (asked.includes('--make')) return
  await using copy = await makeTempFolder('cluster')
  const filter = async (path: string): Promise<boolean> => !(await lstat(path)).isSocket()
  await cp(original, copy.path, { recursive: true, filter })
  await using bed = await startBed(copy.path)
  // A server that has just started is busy with itself.
  for (const kind of ['replicasets', 'deployments']) await bed.plane.api.list(`/apis/apps/v1/${kind}`)
  await delay(20_000)
  say('the watcher')
  await using watcher = await bed.startWatcher(script)
  for (const part of figures) for (const figure of await part(bed, watcher, size)) print(figure)
}

async function makeClusterIn(folder: string): Promise<void> {
  const { namespaces, deploymentsEach, podsEach } = size
  say(`making ${namespaces * deploymentsEach} Deployments with ${podsEach} pods each`)
  await using plane = await startControlPlane({ dataDir: folder })
  // Nobody rolls anything out here: the statuses are ours.
  await plane.controllerManager.kill()
  await makeCluster(plane.api, size)
  // What is younger than a minute counts as a rollout.
  await delay(61_000)
  await writeFile(join(folder, 'made'), '')
}
