import { type ReactElement, type ReactNode, useEffect, useMemo, useState } from 'react'
import { recordsOf } from '../board.ts'
import type { BoardRollout } from '../preview-state.ts'
import { clockText } from './clock-text.ts'
import { DurationPlot, FailurePlot, plotted } from './plots.tsx'
import { spanText } from './span-text.ts'
import type { Theme } from './theme.ts'

interface BoardPageProps {
  readonly rollouts: ReadonlyMap<string, BoardRollout>
  readonly theme: Theme
}

const recentShown = 20

export function BoardPage({ rollouts, theme }: BoardPageProps): ReactElement {
  const now = useClock()
  const all = useMemo(() => [...rollouts.values()].sort((a, b) => b.startedAt - a.startedAt), [rollouts])
  const records = useMemo(() => recordsOf(all), [all])
  const underWay = all.filter(({ endedAt }) => endedAt === undefined)
  const recent = all.filter(({ endedAt }) => endedAt !== undefined).slice(0, recentShown)
  return (
    <main className="board">
      <p className="context">
        All of this comes from <code>hermod.state.&gt;</code>, as any program with a reader’s rights gets it,
        since this page’s server was started.
      </p>
      <h2>Under way</h2>
      {underWay.length === 0 && <p className="empty">Nothing is rolling out.</p>}
      <ul className="under-way">
        {underWay.map((rollout) => (
          <UnderWay key={rollout.key} rollout={rollout} now={now} />
        ))}
      </ul>
      <h2>Recent</h2>
      {recent.length === 0 ? (
        <p className="empty">Nothing has ended yet.</p>
      ) : (
        <Table name="Recent rollouts" columns={['Deployment', 'Result', 'What changed', 'Took', 'Ended']}>
          {recent.map(({ key, deployment, phase, reason, what, startedAt, endedAt = startedAt }) => (
            <tr key={key}>
              <th scope="row">{deployment}</th>
              <td>
                <Phase phase={phase} /> <span className="context">{reason}</span>
              </td>
              <td>{what}</td>
              <td>{spanText(endedAt - startedAt)}</td>
              <td>{clockText.seconds(endedAt)}</td>
            </tr>
          ))}
        </Table>
      )}
      {records.length > 0 && (
        <>
          <h2>By Deployment</h2>
          {records.length > plotted && (
            <p className="context">Plotted are the {plotted} Deployments that were rolled out most.</p>
          )}
          <div className="plots">
            <DurationPlot records={records} theme={theme} />
            <FailurePlot records={records} theme={theme} />
          </div>
          <Table name="Results by Deployment" columns={['Deployment', 'Live', 'Failed', 'Last took']}>
            {records.map(({ deployment, succeeded, failed, durations }) => (
              <tr key={deployment}>
                <th scope="row">{deployment}</th>
                <td>{succeeded}</td>
                <td>{failed}</td>
                <td>{spanText((durations.at(-1)?.seconds ?? Number.NaN) * 1000)}</td>
              </tr>
            ))}
          </Table>
        </>
      )}
    </main>
  )
}

function UnderWay({ rollout, now }: { readonly rollout: BoardRollout; readonly now: number }): ReactElement {
  const { deployment, phase, reason, what, wanted, updated, available, startedAt, deadlineAt } = rollout
  const left = deadlineAt === undefined ? undefined : deadlineAt - now
  return (
    <li>
      <b>{deployment}</b> <Phase phase={phase} /> <span className="context">{reason}</span>
      <p>{what}</p>
      <progress aria-label={`Pods of ${deployment} updated`} max={Math.max(1, wanted)} value={updated} />
      <p className="context">
        {updated} of {wanted} updated, {available} available · for {spanText(now - startedAt)}
        {left !== undefined && left > 0 && `, Kubernetes gives up in ${spanText(left)}`}
      </p>
    </li>
  )
}

function Phase({ phase }: { readonly phase: string }): ReactElement {
  return (
    <span className="phase" data-phase={phase}>
      {phase}
    </span>
  )
}

function Table({
  name,
  columns,
  children,
}: {
  readonly name: string
  readonly columns: readonly string[]
  readonly children: ReactNode
}): ReactElement {
  return (
    <section className="table" aria-label={name} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  )
}

function useClock(): number {
  const [now, setNow] = useState(Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [])
  return now
}
