import { readFileSync } from 'node:fs'

export interface Cost {
  readonly mebibytes: number
  readonly cpuSeconds: number
}

const ticksPerSecond = 100

/** What one process takes now and has used so far; nothing if it is gone. */
function costOf(pid: number): Cost {
  const [stat, status] = [read(pid, 'stat'), read(pid, 'status')]
  const [user, system] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12, 14)
  return {
    mebibytes: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024,
    cpuSeconds: (Number(user ?? 0) + Number(system ?? 0)) / ticksPerSecond,
  }
}

export function totalCost(pids: Iterable<number>): Cost {
  const costs = [...pids].map(costOf)
  return {
    mebibytes: costs.reduce((sum, { mebibytes }) => sum + mebibytes, 0),
    cpuSeconds: costs.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
  }
}

/** What all programs of this machine together have used so far. */
export function machineCpuSeconds(): number {
  const [, user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = readFileSync('/proc/stat', 'utf8')
    .slice(0, 200)
    .split(/\s+/)
    .map(Number)
  return (user + nice + system + irq + softirq) / ticksPerSecond
}

/** The process and everything it started. */
export function familyOf(pid: number): readonly number[] {
  const children = read(pid, `task/${pid}/children`).split(' ').filter(Boolean).map(Number)
  return [pid, ...children.flatMap(familyOf)]
}

function read(pid: number, what: string): string {
  try {
    return readFileSync(`/proc/${pid}/${what}`, 'utf8')
  } catch {
    return ''
  }
}
