export interface CheckState {
  readonly ok: boolean
  /** What a person on call wants to know; also where it is ok but not well. */
  readonly detail?: string | undefined
}

export interface CheckReport extends CheckState {
  readonly name: string
}

export interface Readiness {
  readonly ready: boolean
  readonly checks: readonly CheckReport[]
}

/** What /readyz tells: the process is ready when each named check is ok. */
export interface Health {
  /** `probe` is asked at each request: it looks at what is known and asks nobody. */
  readonly check: (name: string, probe: () => CheckState) => void
  readonly set: (name: string, state: CheckState) => void
  readonly remove: (name: string) => void
  readonly readiness: () => Readiness
}

export function createHealth(): Health {
  const probes = new Map<string, () => CheckState>()
  return {
    check: (name, probe) => {
      probes.set(name, probe)
    },
    set: (name, state) => {
      probes.set(name, () => state)
    },
    remove: (name) => {
      probes.delete(name)
    },
    readiness: () => {
      const checks = [...probes].map(([name, probe]) => ({ name, ...ask(probe) }))
      return { ready: checks.every((check) => check.ok), checks }
    },
  }
}

function ask(probe: () => CheckState): CheckState {
  try {
    return probe()
  } catch (error) {
    return { ok: false, detail: `the check itself failed: ${String(error)}` }
  }
}
