// Owns the process's metrics: one registry, and none of prom-client's global state.
// 1. A label has a closed set of values, or a bound: no name from a cluster can grow a scrape without end.
// 2. A metric whose labels are all closed shows 0 from the start, so that alerts see the first increase.
import {
  collectDefaultMetrics,
  Counter as PromCounter,
  Gauge as PromGauge,
  Histogram as PromHistogram,
  Registry,
} from 'prom-client'
import { boundLabels, closedCombinations, type LabelDomains, type LabelValues } from './metric-labels.ts'

export interface Counter {
  readonly inc: (by?: number) => void
}

export interface Gauge {
  readonly set: (value: number) => void
  /** Leaves it out of scrapes until it is set again. */
  readonly remove: () => void
}

export interface Histogram {
  readonly observe: (value: number) => void
}

export interface Labelled<M, L extends LabelDomains> {
  readonly with: (labels: LabelValues<L>) => M
}

export interface MetricOptions {
  /** A counter's ends in `_total`, any other in its unit. */
  readonly name: string
  readonly help: string
}

export interface GaugeOptions extends MetricOptions {
  /** Asked at each scrape instead of being set. */
  readonly read?: () => number
}

export interface HistogramOptions extends MetricOptions {
  readonly buckets: readonly number[]
}

interface WithLabels<L> {
  readonly labels: L
}

/** The plural makes one metric for each combination of its labels. */
export interface Metrics {
  counter(options: MetricOptions): Counter
  counters<const L extends LabelDomains>(options: MetricOptions & WithLabels<L>): Labelled<Counter, L>
  gauge(options: GaugeOptions): Gauge
  gauges<const L extends LabelDomains>(options: MetricOptions & WithLabels<L>): Labelled<Gauge, L>
  histogram(options: HistogramOptions): Histogram
  histograms<const L extends LabelDomains>(options: HistogramOptions & WithLabels<L>): Labelled<Histogram, L>
  readonly contentType: string
  /** All of them in Prometheus's text format. */
  text(): Promise<string>
}

export interface MetricsSettings {
  /** Node's own: memory, CPU, garbage collection, event loop. On if absent. */
  readonly processMetrics?: boolean
}

export function createMetrics({ processMetrics = true }: MetricsSettings = {}): Metrics {
  const registry = new Registry()
  const registers = [registry]
  if (processMetrics) collectDefaultMetrics({ register: registry })

  const counterOf = (counter: PromCounter, labels: Labels): Counter => {
    counter.inc(labels, 0)
    return { inc: (by = 1) => counter.inc(labels, by) }
  }
  const gaugeOf = (gauge: PromGauge, labels: Labels): Gauge => {
    gauge.set(labels, 0)
    return { set: (value) => gauge.set(labels, value), remove: () => gauge.remove(labels) }
  }
  const histogramOf = (histogram: PromHistogram, labels: Labels): Histogram => {
    histogram.zero(labels)
    return { observe: (value) => histogram.observe(labels, value) }
  }

  return {
    counter: ({ name, help }) => counterOf(new PromCounter({ name, help, registers }), {}),
    counters: ({ name, help, labels }) => {
      const counter = new PromCounter({ name, help, labelNames: Object.keys(labels), registers })
      return perLabels(labels, (each) => counterOf(counter, each))
    },
    gauge: ({ name, help, read }) => {
      const collect = read && {
        collect(this: PromGauge) {
          this.set(read())
        },
      }
      return gaugeOf(new PromGauge({ name, help, registers, ...collect }), {})
    },
    gauges: ({ name, help, labels }) => {
      const gauge = new PromGauge({ name, help, labelNames: Object.keys(labels), registers })
      return perLabels(labels, (each) => gaugeOf(gauge, each))
    },
    histogram: ({ name, help, buckets }) =>
      histogramOf(new PromHistogram({ name, help, buckets: [...buckets], registers }), {}),
    histograms: ({ name, help, labels, buckets }) => {
      const histogram = new PromHistogram({
        name,
        help,
        labelNames: Object.keys(labels),
        buckets: [...buckets],
        registers,
      })
      return perLabels(labels, (each) => histogramOf(histogram, each))
    },
    contentType: registry.contentType,
    text: () => registry.metrics(),
  }
}

type Labels = Readonly<Record<string, string>>

function perLabels<M>(domains: LabelDomains, make: (labels: Labels) => M): Labelled<M, LabelDomains> {
  const made = new Map<string, M>()
  const bound = boundLabels(domains)
  const metricFor = (labels: Labels): M => {
    const bounded = bound(labels)
    const key = JSON.stringify(Object.values(bounded))
    const metric = made.get(key) ?? make(bounded)
    made.set(key, metric)
    return metric
  }
  closedCombinations(domains).forEach(metricFor)
  return { with: metricFor }
}
