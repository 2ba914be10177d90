import type { ServiceDeps } from '@hermod/runtime'
import type { ProvisionReport } from './provision.ts'
import { alertingFill, describeFill } from './stream-fill.ts'

/** Tells what was done each time, and what stays wrong once. */
export function provisionTeller({
  log,
  health,
  metrics,
}: Pick<ServiceDeps, 'log' | 'health' | 'metrics'>): (report: ProvisionReport) => void {
  const fillOf = metrics.gauges({
    name: 'hermod_stream_fill_ratio',
    help: 'How full a stream is; at 1 it refuses what is published',
    labels: { stream: { atMost: 32 } },
  })
  let said: ReadonlySet<string> = new Set()
  return ({ made, repaired, refused, fill }) => {
    for (const what of made) log.info(`made ${what}`)
    for (const what of repaired) log.warn(`repaired ${what}`)
    for (const [stream, part] of fill) fillOf.with({ stream }).set(part)
    const nearlyFull = [...fill].filter(([, part]) => part > alertingFill).map(([stream]) => stream)
    const wrong = [
      ...refused.map((what) => `not repaired: ${what}`),
      ...nearlyFull.map(
        (stream) => `stream ${stream} is over ${describeFill(alertingFill)}, and will refuse when it is full`,
      ),
    ]
    for (const what of wrong) if (!said.has(what)) log.error(what)
    said = new Set(wrong)
    health.set('streams', { ok: refused.length === 0, ...(wrong.length > 0 && { detail: wrong.join('; ') }) })
  }
}
