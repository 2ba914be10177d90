import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { makeTempFolder, obtain, promtoolTool } from '@hermod/testkit'
import { parse, stringify } from 'yaml'
import {
  alertRules,
  declaredMetrics,
  metricsIn,
  rulesFolder,
  withMetricTable,
} from '../documents/metric-table.ts'

const unitTests = join(import.meta.dirname, 'alert-rules', 'alerts.yaml')
const known = declaredMetrics().map(({ name }) => name)

interface Dashboard {
  readonly panels: readonly {
    readonly title: string
    readonly targets?: readonly { readonly expr: string }[]
  }[]
}

function dashboardQueries(): readonly { readonly title: string; readonly expr: string }[] {
  const file = join(rulesFolder, '..', 'grafana-dashboard', 'dashboard.json')
  const { panels }: Dashboard = JSON.parse(readFileSync(file, 'utf8'))
  return panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })))
}

async function promtool(files: Readonly<Record<string, object>>, ...args: readonly string[]): Promise<void> {
  await using folder = await makeTempFolder('promtool')
  for (const [name, content] of Object.entries(files))
    await writeFile(join(folder.path, name), stringify(content))
  await copyFile(unitTests, join(folder.path, 'alerts.yaml'))
  const program = await obtain(promtoolTool)
  await promisify(execFile)(program, args, { cwd: folder.path }).catch(
    (error: { stdout: string; stderr: string }) => assert.fail(`${error.stdout}\n${error.stderr}`),
  )
}

test('every alert fires when it should and is quiet when it should be', async () => {
  // A runbook is the same whatever happened: only the summaries are held to the letter.
  const rules = alertRules().map(({ annotations: { summary }, ...rule }) => ({
    ...rule,
    annotations: { summary },
  }))
  await promtool({ 'rules.yaml': { groups: [{ name: 'hermod', rules }] } }, 'test', 'rules', 'alerts.yaml')
})

test('every alert has a test in which it fires and one in which it does not', () => {
  interface Case {
    readonly alertname: string
    readonly exp_alerts?: readonly object[]
  }
  const { tests }: { tests: readonly { alert_rule_test: readonly Case[] }[] } = parse(
    readFileSync(unitTests, 'utf8'),
  )
  const cases = tests.flatMap(({ alert_rule_test }) => alert_rule_test)
  for (const { alert } of alertRules()) {
    const own = cases.filter(({ alertname }) => alertname === alert)
    assert.ok(
      own.some(({ exp_alerts = [] }) => exp_alerts.length > 0),
      `${alert} never fires`,
    )
    assert.ok(
      own.some(({ exp_alerts = [] }) => exp_alerts.length === 0),
      `${alert} is never quiet`,
    )
  }
})

test('every alert says what happened and what to do, and reads metrics that exist', () => {
  for (const { alert, expr, annotations } of alertRules()) {
    assert.ok(annotations.summary && annotations.runbook, alert)
    assert.deepEqual(
      metricsIn(expr).filter((name) => !known.includes(name)),
      [],
      alert,
    )
  }
})

test('every query of the dashboard is PromQL and reads metrics that exist', async () => {
  const queries = dashboardQueries()
  assert.ok(queries.length > 20)
  for (const { title, expr } of queries)
    assert.deepEqual(
      metricsIn(expr).filter((name) => !known.includes(name)),
      [],
      title,
    )
  const rules = queries.map(({ expr }, index) => ({
    record: `query:${index}`,
    // Grafana writes these in.
    expr: expr.replaceAll(/\$__(rate_interval|range)/g, '5m'),
  }))
  await promtool(
    { 'queries.yaml': { groups: [{ name: 'dashboard', rules }] } },
    'check',
    'rules',
    'queries.yaml',
  )
})

test('the table of metrics is what the processes declare', () => {
  const text = readFileSync(join(rulesFolder, 'README.md'), 'utf8')
  assert.ok(
    withMetricTable(text) === text,
    'k8s/components/prometheus-rule/README.md is out of date: npm run docs',
  )
})
