import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { eventually, startWebdavServer, type WebdavServer } from '@hermod/testkit'
import { type ComposeRun, runCompose } from './compose-run.ts'

describe('docker compose up with nothing configured, each service as it is shipped', () => {
  const stack = new AsyncDisposableStack()
  let store: WebdavServer
  let run: ComposeRun
  before(async () => {
    store = stack.use(await startWebdavServer())
    run = stack.use(
      await runCompose({
        given: { ARTIFACTORY_LOGIN: store.login },
        elsewhere: { store: new URL(store.url).host },
      }),
    )
  })
  after(() => stack.disposeAsync())

  test('every service becomes healthy by its own health check', async () => {
    for (const name of ['nats', 'provision', 'sandbox', 'watcher', 'dedupe', 'notifier'])
      await run.untilHealthy(name)
  })

  test('a rollout of the sandbox’s cluster is told in the sandbox’s Slack', async () => {
    const metrics = async (): Promise<string> =>
      await (await fetch(`http://${run.address('notifier', 2112)}/metrics`)).text()
    await eventually(
      async () => assert.match(await metrics(), /^hermod_notifier_sent_total\{[^}]*\} [1-9]/m),
      { timeoutMs: 60_000, everyMs: 200 },
    )
  })

  test('the page is there', async () => {
    const page = await fetch(`http://${run.address('sandbox', 8420)}/`)
    assert.equal(page.status, 200)
  })

  test('the cache files of the namespaces are kept in the store', async () => {
    await eventually(() => assert.ok(readdirSync(store.folder, { recursive: true }).length > 0), {
      timeoutMs: 60_000,
      everyMs: 200,
    })
  })

  test('every process ends well when it is stopped', async () => {
    for (const name of ['notifier', 'dedupe', 'watcher', 'provision', 'sandbox']) {
      const running = run.process(name)
      await running.stop()
      assert.match(running.output, /"msg":"stopped"/, name)
    }
  })
})
