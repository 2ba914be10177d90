import type { Cause, DeploymentCondition, Diagnosis } from '@hermod/contracts'
import type { Testimony } from './conditions.ts'
import type { Watch } from './rollout.ts'

/** Why a rollout will fail before its deadline says so. */
export interface Verdict {
  readonly family: Family
  readonly reason: string
  readonly message: string
}

type Family = 'image' | 'config' | 'crash' | 'create' | 'schedule'

interface Rule {
  readonly family: Family
  readonly reasons: readonly string[]
  /** Needed of the container that restarted most. */
  readonly restarts?: number
  /** How long it must stand. */
  readonly forMs?: number
}

/**
 * Evidence and thresholds. A slow pull is `ContainerCreating` and no evidence at all. One ErrImagePull or crash may
 * be a passing fault; kubelet says ImagePullBackOff, or the first again, within 10 s if it is not.
 */
export const rules: readonly Rule[] = [
  { family: 'image', reasons: ['ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull'] },
  { family: 'image', reasons: ['ErrImagePull', 'RegistryUnavailable', 'ImageInspectError'], forMs: 10_000 },
  { family: 'config', reasons: ['CreateContainerConfigError'] },
  { family: 'config', reasons: ['CreateContainerError', 'RunContainerError'], forMs: 10_000 },
  {
    family: 'crash',
    reasons: ['CrashLoopBackOff', 'Error', 'OOMKilled', 'Completed', 'StartError'],
    restarts: 2,
  },
  { family: 'crash', reasons: ['ContainerCannotRun', 'DeadlineExceeded'], restarts: 2 },
  { family: 'create', reasons: ['FailedCreate', 'ReplicaSetCreateError'] },
  { family: 'schedule', reasons: ['Unschedulable'], forMs: 60_000 },
]

const ruleOf: ReadonlyMap<string, Rule> = new Map(
  rules.flatMap((rule) => rule.reasons.map((reason) => [reason, rule] as const)),
)

export interface Judgement {
  readonly verdict?: Verdict | undefined
  readonly suspicion: Watch['suspicion']
}

/**
 * Judges the causes worst first. What must stand for a while is remembered as a suspicion until it has; what is
 * `standing`, the family that was already told, needs no proof again.
 */
export function earlyVerdict(
  diagnosis: Diagnosis | undefined,
  testimony: Testimony,
  { suspicion: suspected, standing }: Pick<Watch, 'suspicion'> & { readonly standing?: string | undefined },
  nowMs: number,
): Judgement {
  let suspicion: Watch['suspicion']
  const evidence: readonly Evidence[] = [
    ...conditionCauses(testimony),
    ...podCauses(diagnosis),
    ...lingeringCauses(testimony),
  ]
  for (const cause of evidence) {
    const rule = ruleOf.get(cause.reason)
    if (rule === undefined) continue
    const proven = rule.family === standing
    if (!proven && cause.restarts < (rule.restarts ?? 0)) continue
    const forMs = cause.forMs ?? rule.forMs
    if (!proven && forMs !== undefined) {
      const known = suspected?.reason === cause.reason ? suspected : undefined
      suspicion ??= known ?? { reason: cause.reason, sinceMs: nowMs }
      if (known === undefined || nowMs - known.sinceMs < forMs) continue
    }
    const { reason, message } = cause
    return { verdict: { family: rule.family, reason, message }, suspicion }
  }
  return { suspicion }
}

/** The diagnosis without refusals that the conditions do not lay to this attempt: they may be of another. */
export function ownDiagnosis(
  diagnosis: Diagnosis | undefined,
  { replicaFailure }: Testimony,
): Diagnosis | undefined {
  if (diagnosis === undefined || replicaFailure !== undefined) return diagnosis
  const causes = podCauses(diagnosis)
  if (causes.length === diagnosis.causes.length) return diagnosis
  return causes.length === 0 ? undefined : { ...diagnosis, causes }
}

/** The family of a reason: within one family, `ErrImagePull` and `ImagePullBackOff` say the same thing. */
export function familyOf(reason: string): string {
  return ruleOf.get(reason)?.family ?? reason
}

// That no pod can be created is known from the conditions alone.
function podCauses(diagnosis: Diagnosis | undefined): readonly Cause[] {
  return diagnosis?.causes.filter(({ reason }) => familyOf(reason) !== 'create') ?? []
}

/** `forMs`: how long this very evidence must stand, whatever its rule says. */
type Evidence = Pick<Cause, 'reason' | 'message' | 'restarts'> & { readonly forMs?: number }

function isBad({ type, status }: DeploymentCondition): boolean {
  return type === 'ReplicaFailure' ? status === 'True' : status === 'False'
}

function conditionCauses({ replicaFailure, progressing }: Testimony): readonly Evidence[] {
  return [replicaFailure, progressing]
    .filter((condition) => condition !== undefined)
    .filter(isBad)
    .map(({ reason, message }) => ({ reason, message, restarts: 0 }))
}

// A refusal is taken back within moments once the ReplicaSet that it was of wants no pods any more, or the next one is
// made; where that is refused too, its words may stay: they have the same status and reason.
const lingersMs = 10_000

function lingeringCauses({ lingering }: Testimony): readonly Evidence[] {
  if (lingering === undefined || !isBad(lingering)) return []
  const { reason, message } = lingering
  return [{ reason, message, restarts: 0, forMs: lingersMs }]
}
