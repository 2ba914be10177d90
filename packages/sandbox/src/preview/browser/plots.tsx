import { type ReactElement, useEffect, useRef } from 'react'
import UPlot from 'uplot'
import type { Record } from '../board.ts'
import type { Theme } from './theme.ts'
import { timeRange } from './time-range.ts'

interface PlotProps {
  readonly records: readonly Record[]
  readonly theme: Theme
}

const ink = { light: '#1d1c1d', dark: '#d1d2d3' } as const
const grid = { light: '#dddddd', dark: '#3a3d42' } as const
// Told apart on either ground.
const colours = {
  light: ['#1264a3', '#2b8a60', '#c2571a', '#a0348f', '#8a6d00', '#5b5bd6', '#b3243b', '#4d7c0f'],
  dark: ['#5cb3f0', '#62c595', '#f2a36e', '#e08bd3', '#d9bd5a', '#a5a5f5', '#f58a9b', '#a3cf6a'],
} as const
/** How many Deployments a plot shows. */
export const plotted: number = colours.light.length
const size = { width: 460, height: 240 }

/** How long the rollouts of each Deployment took, by when they ended. */
export function DurationPlot({ records, theme }: PlotProps): ReactElement {
  const drawn = records.slice(0, plotted)
  const times = drawn.flatMap(({ durations }) => durations.map(({ endedAt }) => endedAt / 1000))
  const x = [...new Set(times)].sort((a, b) => a - b)
  const lines = drawn.map(({ durations }) => {
    const at = new Map(durations.map(({ endedAt, seconds }) => [endedAt / 1000, seconds]))
    return x.map((time) => at.get(time) ?? null)
  })
  const options: UPlot.Options = {
    ...size,
    title: 'Seconds until live',
    legend: { live: false },
    scales: {
      // From the points themselves: of a single one uPlot says that it lasts a thousand days.
      x: { range: () => timeRange(x[0], x.at(-1)) },
      y: { range: (_, __, max) => [0, Math.max(10, max * 1.1)] },
    },
    axes: [axis(theme), axis(theme)],
    series: [
      {},
      ...drawn.map(({ deployment }, index) => ({
        label: deployment,
        stroke: colours[theme][index] ?? ink[theme],
        width: 2,
        spanGaps: true,
        points: { show: true, size: 6 },
      })),
    ],
  }
  return (
    <Plot label="Seconds until live, by Deployment" options={options} data={[x, ...lines]} theme={theme} />
  )
}

/** What part of the rollouts of each Deployment failed. */
export function FailurePlot({ records, theme }: PlotProps): ReactElement {
  const drawn = records.slice(0, plotted)
  const rates = drawn.map(({ succeeded, failed }) => (100 * failed) / (succeeded + failed))
  const options: UPlot.Options = {
    ...size,
    title: 'Failed, in per cent',
    legend: { show: false },
    scales: { x: { time: false, range: [-0.6, drawn.length - 0.4] }, y: { range: [0, 100] } },
    axes: [
      {
        ...axis(theme),
        rotate: -35,
        size: 70,
        splits: drawn.map((_, index) => index),
        values: (_, places) => places.map((place) => drawn[place]?.deployment.split('/')[1] ?? ''),
      },
      axis(theme),
    ],
    series: [
      {},
      {
        label: 'failed',
        fill: colours[theme][6],
        stroke: colours[theme][6],
        points: { show: false },
        ...(UPlot.paths.bars && { paths: UPlot.paths.bars({ size: [0.5, 60] }) }),
      },
    ],
  }
  const data: UPlot.AlignedData = [drawn.map((_, index) => index), rates]
  return (
    <Plot label="Failed rollouts in per cent, by Deployment" options={options} data={data} theme={theme} />
  )
}

function axis(theme: Theme): UPlot.Axis {
  return {
    stroke: ink[theme],
    grid: { stroke: grid[theme], width: 1 },
    ticks: { stroke: grid[theme], width: 1 },
  }
}

interface Drawn {
  readonly label: string
  readonly options: UPlot.Options
  readonly data: UPlot.AlignedData
  readonly theme: Theme
}

function Plot({ label, options, data, theme }: Drawn): ReactElement {
  const place = useRef<HTMLDivElement>(null)
  const drawn = JSON.stringify([data, options.series.map((each) => each.label), theme])
  const latest = useRef({ options, data })
  latest.current = { options, data }
  useEffect(() => {
    if (!place.current) return undefined
    const plot = new UPlot(latest.current.options, latest.current.data, place.current)
    return () => plot.destroy()
  }, [drawn])
  return <figure className="plot" aria-label={label} ref={place} />
}
