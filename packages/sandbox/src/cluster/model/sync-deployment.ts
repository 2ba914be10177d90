/**
 * The deployment controller's look at one Deployment: kubernetes v1.36.3 pkg/controller/deployment/deployment_controller.go
 * syncDeployment. As there, one look writes the Deployment's status once: a second write conflicts with the first and
 * the next look goes on. That is why a new revision is seen before its generation is observed.
 */

import { findCondition, progressing, setCondition } from './conditions.ts'
import { allOf, type DeploymentLook, hasDeadline, writeDeployment } from './deployment-look.ts'
import type { Draft } from './draft.ts'
import { newReplicaSet, replicaSetsOf } from './new-replica-set.ts'
import { rollOutByRecreation } from './recreate.ts'
import { desiredAnnotation } from './replica-set-annotations.ts'
import { active } from './rolling-limits.ts'
import { rollOutByUpdate } from './rolling-update.ts'
import { writeRolloutStatus, writeStatus } from './rollout-status.ts'
import { removeOldReplicaSets, scaleAll } from './scaling.ts'

export function syncDeployment(draft: Draft, namespace: string, name: string): void {
  const read = draft.get('Deployment', namespace, name)
  if (!read) return
  const look: DeploymentLook = { draft, read, deployment: read, replicaSets: replicaSetsOf(draft, read) }
  if (read.metadata.deletionTimestamp !== undefined) return writeStatus(look, newReplicaSet(look, false))
  notePause(look)
  if (read.spec.paused) return scaleOnly(look)
  const sets = newReplicaSet(look, false)
  const scaled = active(allOf(sets)).some(({ metadata }) => {
    const desired = metadata.annotations?.[desiredAnnotation]
    return desired !== undefined && Number(desired) !== look.deployment.spec.replicas
  })
  if (scaled) return scaleOnly(look)
  writeRolloutStatus(
    look,
    read.spec.strategy.type === 'Recreate' ? rollOutByRecreation(look) : rollOutByUpdate(look),
  )
}

/** sync.go sync. */
function scaleOnly(look: DeploymentLook): void {
  const sets = newReplicaSet(look, false)
  scaleAll(look, sets)
  if (look.deployment.spec.paused) removeOldReplicaSets(look, sets.oldSets)
  writeStatus(look, sets)
}

/** sync.go checkPausedConditions: while paused no deadline runs, and what was exceeded stays so. */
function notePause(look: DeploymentLook): void {
  const { spec, status } = look.deployment
  const condition = findCondition(status.conditions, 'Progressing')
  if (!hasDeadline(look.deployment) || condition?.reason === 'ProgressDeadlineExceeded') return
  const known = condition?.reason === 'DeploymentPaused'
  if ((spec.paused ?? false) === known) return
  const [reason, message] = spec.paused
    ? ['DeploymentPaused', 'Deployment is paused']
    : ['DeploymentResumed', 'Deployment is resumed']
  const changed = progressing('Unknown', reason, message, look.draft.now)
  writeDeployment(look, setCondition(status.conditions, changed))
}
