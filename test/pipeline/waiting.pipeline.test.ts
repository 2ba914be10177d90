import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { eventually, type FakeSlack, makeTempFolder, startFakeSlack, startNatsServer } from '@hermod/testkit'
import {
  type Cluster,
  pipelineSettings,
  provisionOnce,
  startCluster,
  startPipeline,
  untilReady,
} from './pipeline.ts'
import { type ServiceProcess, serviceNames, startService } from './service-process.ts'

const stack = new AsyncDisposableStack()
let cluster: Cluster

before(async () => {
  cluster = stack.use(await startCluster())
})

after(() => stack.disposeAsync())

async function saysWhatItWaitsFor(service: ServiceProcess, what: RegExp): Promise<void> {
  await eventually(async () => {
    const { ready, checks } = await service.readiness()
    assert.equal(ready, false)
    const waiting = checks.filter(({ ok }) => !ok).map(({ name, detail }) => `${name}: ${detail}`)
    assert.match(waiting.join('\n'), what)
  })
  assert.equal(await service.liveness(), 200)
  assert.ok(service.running)
}

test('each service waits for a NATS that is not there yet, says so, and begins when it comes', async () => {
  await using slack = await startFakeSlack()
  await using nats = await startNatsServer()
  await nats.stop()
  const settings = pipelineSettings({ nats: nats.url, slack, cluster })
  await using stack = new AsyncDisposableStack()
  const services = await Promise.all(
    serviceNames.map(async (name) => stack.use(await startService(name, settings[name]))),
  )
  for (const service of services) await saysWhatItWaitsFor(service, /nats/i)
  await nats.restart()
  await provisionOnce(nats.url)
  await Promise.all(services.map(untilReady))
})

test('the watcher waits for a cluster that does not answer, says so, and begins when it does', async () => {
  await using nats = await startNatsServer()
  await provisionOnce(nats.url)
  await using slack = await startFakeSlack()
  await cluster.controlPlane.apiServer.stop()
  const settings = pipelineSettings({ nats: nats.url, slack, cluster })
  await using watcher = await startService('watcher', settings.watcher)
  await saysWhatItWaitsFor(watcher, /kubernetes|API server/i)
  await cluster.controlPlane.apiServer.restart()
  await untilReady(watcher)
})

test('the notifier waits for a Slack that does not answer, says so, and begins when it does', async () => {
  await using nats = await startNatsServer()
  await provisionOnce(nats.url)
  const { apiUrl, port, token } = await startAndStopSlack()
  const settings = pipelineSettings({ nats: nats.url, slack: { apiUrl, token }, cluster })
  await using notifier = await startService('notifier', settings.notifier)
  await saysWhatItWaitsFor(notifier, /slack/i)
  await using _slack = await startFakeSlack({ port, token })
  await untilReady(notifier)
})

/** Where a Slack was that is not there now. */
async function startAndStopSlack(): Promise<Pick<FakeSlack, 'apiUrl' | 'port' | 'token'>> {
  await using slack = await startFakeSlack()
  const { apiUrl, port, token } = slack
  return { apiUrl, port, token }
}

test('a rejected token is said in one line, and what could not be sent is sent with the next one', async () => {
  const { operator } = cluster
  await operator.createNamespace('token', 'token')
  await operator.create({ namespace: 'token', name: 'web' })
  await eventually(() => operator.checkComplete('token', 'web'))
  await using folder = await makeTempFolder('token')
  const tokenFile = join(folder.path, 'token')
  await writeFile(tokenFile, 'xoxb-withdrawn')
  await using pipeline = await startPipeline({
    cluster,
    slack: { channels: ['token'], token: 'xoxb-valid' },
    settings: { notifier: { SLACK_TOKEN: '', SLACK_TOKEN_FILE: tokenFile } },
    unready: ['notifier'],
  })
  const { notifier } = pipeline.services
  await operator.setTag('token', 'web', 'slow-2')
  await saysWhatItWaitsFor(notifier, /invalid_auth/)
  await eventually(() => operator.checkComplete('token', 'web'))
  assert.equal(notifier.log.split('\n').filter((line) => line.includes('invalid_auth')).length, 1)
  assert.deepEqual(pipeline.cards('token'), [])

  await writeFile(tokenFile, 'xoxb-valid')
  await eventually(
    () => {
      const [card, ...others] = pipeline.cards('token')
      assert.match(card?.headline ?? '', /is live/)
      assert.equal(others.length, 0)
    },
    { timeoutMs: 30_000 },
  )
})
