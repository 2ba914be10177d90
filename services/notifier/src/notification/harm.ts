import type { Rollout } from '@hermod/contracts'
import { clockTime } from './clock.ts'
import { plainText } from './escape.ts'
import { firstImage, imageVersion } from './image-version.ts'
import { pods } from './progress.ts'

/** Whether whoever uses the Deployment notices; undefined where nobody asked for a pod. */
export function harmLine({ replicas, diagnosis, lastGood, change }: Rollout): string | undefined {
  const { wanted, available } = replicas
  if (wanted === 0) return undefined
  if (change.classes.includes('new-deployment'))
    return `New, so nothing served before: ${available} of ${wanted} ${pods(wanted)} available.`
  if (available === 0) return `*Down*: 0 of ${wanted} ${pods(wanted)} available.`
  if (available < wanted) return `*Hurt*: ${available} of ${wanted} ${pods(wanted)} available.`
  const worst = diagnosis?.causes[0]
  const noneIsNew = diagnosis !== undefined && (diagnosis.newPods === 0 || worst?.pods === diagnosis.newPods)
  const goodImage = lastGood && firstImage(lastGood.containers)
  const of =
    noneIsNew && goodImage !== undefined
      ? ` of ${plainText(imageVersion(goodImage), 80)} still serve`
      : ' available'
  return `Not hurt: ${available} of ${wanted} ${pods(wanted)}${of}.`
}

// Of the rest a pod that runs already says nothing: it was given its node, image and configuration long ago.
const comparable = new Set([
  'CrashLoopBackOff',
  'OOMKilled',
  'Error',
  'Completed',
  'Unhealthy',
  'ContainersNotReady',
])

/** "Is it this deploy?", where pods of the old version can be compared. */
export function blameLine({ diagnosis }: Rollout): string | undefined {
  if (!diagnosis || diagnosis.causes.length === 0 || diagnosis.oldPods === 0) return undefined
  const { oldPods, oldPodsFailingAlike } = diagnosis
  if (oldPodsFailingAlike === 0 && !comparable.has(diagnosis.causes[0]?.reason ?? '')) return undefined
  if (oldPodsFailingAlike === 0) return 'The old version does not fail this way, so it is this change.'
  const count = `${oldPodsFailingAlike} of ${oldPods} old ${pods(oldPods)}`
  const verb = oldPodsFailingAlike === 1 ? 'fails' : 'fail'
  return `${count} ${verb} the same way, so it may not be this change.`
}

/** Until when there is time. */
export function deadlineLine({ times }: Rollout): string | undefined {
  return times.deadlineAt === undefined ? undefined : `Kubernetes gives up at ${clockTime(times.deadlineAt)}.`
}
