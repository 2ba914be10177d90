import type { ReactNode } from 'react'
import type { Tally } from '../preview-state.ts'

const parts = [
  ['expected', 'expected', 'rollouts that the cluster did, counted at its API'],
  ['delivered', 'delivered', 'of which Slack shows the end'],
  ['inFlight', 'in flight', 'still going on, or not yet told'],
  ['lost', 'lost', 'ended, and not told within a minute and a half'],
  ['doubled', 'doubled', 'cards beyond the one that each may have'],
] as const

/** What the cluster did against what stands in Slack, counted without Hermod's help. */
export function Strip({ tally }: { readonly tally: Tally | undefined }): ReactNode {
  if (!tally) return null
  return (
    <dl className="strip" aria-label="Rollouts of the cluster, against the cards in Slack">
      {parts.map(([part, label, meaning]) => (
        <div
          key={part}
          title={meaning}
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
