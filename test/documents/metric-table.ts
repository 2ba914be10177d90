import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Metrics } from '@hermod/runtime'
import { parse } from 'yaml'
import { provisionTeller } from '../../packages/jetstream/src/provision-teller.ts'
import { cacheFailures } from '../../services/dedupe/src/cache-metrics.ts'
import { rolloutMetrics } from '../../services/dedupe/src/rollout-metrics.ts'
import { createNotifierMetrics } from '../../services/notifier/src/notifier-metrics.ts'
import { watcherGauges, watcherMetrics } from '../../services/watcher/src/watcher-metrics.ts'
import { withWrittenPart } from './written-part.ts'

export interface Metric {
  readonly process: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
}

export interface AlertRule {
  readonly alert: string
  readonly expr: string
  readonly annotations: { readonly summary: string; readonly runbook: string }
}

export const rulesFolder: string = join(
  import.meta.dirname,
  '..',
  '..',
  'k8s',
  'components',
  'prometheus-rule',
)

/** Every metric of ours, as the processes themselves declare them. */
export function declaredMetrics(): readonly Metric[] {
  const found: Metric[] = []
  const zero = (): number => 0
  declare(found, 'watcher', (metrics) => {
    watcherMetrics(metrics)
    watcherGauges(metrics, { deployments: zero, openRollouts: zero, held: zero })
  })
  declare(found, 'dedupe', (metrics) => {
    rolloutMetrics(metrics)
    cacheFailures(metrics)
  })
  declare(found, 'notifier', (metrics) =>
    createNotifierMetrics(metrics, {
      depth: zero,
      oldestSeconds: zero,
      parkedChannels: zero,
      refusedChannels: zero,
    }),
  )
  declare(found, 'provision', (metrics) => {
    const log = { debug: ignore, info: ignore, warn: ignore, error: ignore, child: () => log }
    const health = {
      set: ignore,
      remove: ignore,
      check: ignore,
      readiness: () => ({ ready: true, checks: [] }),
    }
    provisionTeller({ log, health, metrics })
  })
  return found
}

function declare(found: Metric[], process: string, use: (metrics: Metrics) => unknown): void {
  const add =
    (type: Metric['type']) =>
    ({ name, help, labels = {} }: { name: string; help: string; labels?: object }): never => {
      found.push({ process, type, name, help, labels: Object.keys(labels) })
      // Nothing is recorded: whoever declares a metric only keeps it.
      return undefined as never
    }
  use({
    counter: add('counter'),
    counters: add('counter'),
    gauge: add('gauge'),
    gauges: add('gauge'),
    histogram: add('histogram'),
    histograms: add('histogram'),
    contentType: '',
    text: async () => '',
  })
}

export function alertRules(): readonly AlertRule[] {
  const document = parse(readFileSync(join(rulesFolder, 'rules.yaml'), 'utf8'))
  return document.spec.groups.flatMap((group: { rules: readonly AlertRule[] }) => group.rules)
}

/** The names of our metrics that a PromQL expression reads, without what Prometheus adds to a histogram's. */
export function metricsIn(expr: string): readonly string[] {
  const names = expr.match(/\bhermod_[a-z_]+/g) ?? []
  return [...new Set(names.map((name) => name.replace(/_(bucket|sum|count)$/, '')))]
}

/** One table of all metrics, for people. */
function metricTable(): string {
  const rules = alertRules()
  const rows = declaredMetrics().map(({ process, type, name, help, labels }) => {
    const alerts = rules
      .filter(({ expr }) => metricsIn(expr).includes(name))
      .map(({ alert }) => `\`${alert}\``)
    const listed = labels.map((label) => `\`${label}\``).join(', ')
    return `| \`${name}\` | ${process} | ${type} | ${listed} | ${help.replaceAll('|', '\\|')} | ${alerts.join(', ')} |`
  })
  return [
    '| metric | of | type | labels | meaning | alerts |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n')
}

/** The text with its table brought up to date. */
export function withMetricTable(text: string): string {
  return withWrittenPart(text, metricTable(), 'k8s/components/prometheus-rule/README.md')
}

function ignore(): void {}
