import type { ReactNode } from 'react'
import type { Tally } from '../preview-state.ts'

const parts = [
  ['expected', 'Expected'],
  ['delivered', 'Delivered'],
  ['inFlight', 'In flight'],
  ['lost', 'Lost'],
  ['doubled', 'Doubled'],
] as const

/** What the cluster did against what stands in Slack, counted without Hermod's help. */
export function Strip({ tally }: { readonly tally: Tally | undefined }): ReactNode {
  if (!tally) return null
  return (
    <dl className="strip" aria-label="Rollouts of the cluster, against the cards in Slack">
      {parts.map(([part, label]) => (
        <div
          key={part}
          data-part={part}
          data-bad={(part === 'lost' || part === 'doubled') && tally[part] > 0}
        >
          <dt>{label}</dt>
          <dd>{tally[part]}</dd>
        </div>
      ))}
    </dl>
  )
}
