import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ServiceLogs } from './service-logs.ts'

test('what was said of a Deployment is found, by its name or its key, however the pieces were cut', () => {
  const logs = new ServiceLogs()
  logs.hear('dedupe', '{"namespace":"shop","deployment":"web","msg":"started"}\n{"namespace":"sh')
  logs.hear('notifier', '{"card":"card.3.test.shop.web.uid.2","msg":"Slack has it"}\n')
  logs.hear('dedupe', 'op","deployment":"webs"}\n{"namespace":"bank","deployment":"web"}\n')
  assert.deepEqual(logs.about({ namespace: 'shop', name: 'web' }), [
    'dedupe: {"namespace":"shop","deployment":"web","msg":"started"}',
    'notifier: {"card":"card.3.test.shop.web.uid.2","msg":"Slack has it"}',
  ])
})
