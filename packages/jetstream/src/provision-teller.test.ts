import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createHealth, createLogger, createMetrics, createScrubber } from '@hermod/runtime'
import type { ProvisionReport } from './provision.ts'
import { provisionTeller } from './provision-teller.ts'

const quiet: ProvisionReport = { made: [], repaired: [], refused: [], fill: new Map([['ROLLOUTS', 0.2]]) }

function bench() {
  const lines: string[] = []
  const health = createHealth()
  const metrics = createMetrics({ processMetrics: false })
  const log = createLogger({
    service: 'provision',
    level: 'info',
    scrubber: createScrubber(),
    write: (line) => lines.push(line),
  })
  return { lines, health, metrics, tell: provisionTeller({ log, health, metrics }) }
}

test('what stays wrong is said once, and keeps the process from being ready', () => {
  const { lines, health, tell } = bench()
  const wrong = { ...quiet, refused: ['stream ROLLOUTS: retention is "workqueue"'] }
  tell(wrong)
  tell(wrong)
  assert.equal(lines.filter((line) => line.includes('workqueue')).length, 1)
  assert.equal(health.readiness().ready, false)
  tell(quiet)
  assert.equal(health.readiness().ready, true)
  tell(wrong)
  assert.equal(lines.filter((line) => line.includes('workqueue')).length, 2)
})

test('a stream that is over 70 % full is an alert, and its fill a metric', async () => {
  const { lines, health, metrics, tell } = bench()
  tell({ ...quiet, fill: new Map([['OBSERVATIONS', 0.71]]) })
  assert.match(lines.join(), /stream OBSERVATIONS is over 70 % full/)
  assert.equal(health.readiness().ready, true)
  assert.match(await metrics.text(), /hermod_stream_fill_ratio\{stream="OBSERVATIONS"\} 0\.71/)
})
