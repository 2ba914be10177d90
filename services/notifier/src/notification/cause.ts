import type { Cause, Rollout } from '@hermod/contracts'
import { bold, code, plainText } from './escape.ts'
import { pods } from './progress.ts'

const detailRoom = 500

/** Why it does not go on, the plain sentence first, Kubernetes' own words beside it; one line a cause. */
export function causeLines(rollout: Rollout): string[] {
  const { diagnosis, reason, message } = rollout
  if (!diagnosis || diagnosis.causes.length === 0) {
    const said = message === undefined || message === '' ? '' : `: ${plainText(message, detailRoom)}`
    return [`${bold(reasonWithoutCause(reason))} (${code(reason)})${said}`]
  }
  return diagnosis.causes.slice(0, 3).map((cause, index) => {
    const line = causeLine(cause, diagnosis.newPods, rollout)
    return index === 0 ? line : `Also: ${line}`
  })
}

/** The worst of it in one plain phrase, with Kubernetes' word for it and a remark. */
export function causeSummary({ diagnosis, reason }: Rollout, remark: string): string {
  const worst = diagnosis?.causes[0]
  const what = worst ? sentenceOf(worst, diagnosis.newPods) : reasonWithoutCause(reason)
  return `${plainText(what)} (${code(worst?.reason ?? reason, 80)}, ${remark})`
}

function sentenceOf(cause: Cause, newPods: number): string {
  const total = Math.max(newPods, cause.pods)
  const who = cause.pods === 0 ? 'No new pod' : `${cause.pods} of ${total} new ${pods(total)}`
  return `${who} ${verbOf(cause)}`
}

function reasonWithoutCause(reason: string): string {
  if (reason === 'ProgressDeadlineExceeded') return 'The new pods did not become ready in time'
  if (reason === 'FailedCreate' || reason === 'ReplicaSetCreateError') return 'No new pod can be created'
  return 'It does not progress'
}

function causeLine(cause: Cause, newPods: number, rollout: Rollout): string {
  const { reason, lastTermination, container } = cause
  const words = [reason, exitCode(cause), lastTermination?.reason].filter(
    (word): word is string => word !== undefined && word !== '' && word !== 'Error' && word !== 'Completed',
  )
  const literal = [...new Set(words.length === 0 ? [reason] : words)].map((word) => code(word, 80)).join(', ')
  const where =
    container === undefined
      ? ''
      : `${container.role === 'init' ? 'init container' : container.role} ${code(container.name, 80)}`
  const detail = [where, detailOf(cause, rollout)]
    .filter(Boolean)
    .join(endsAgainAndAgain(reason) ? ' ' : ', ')
  return `${bold(plainText(sentenceOf(cause, newPods)))} (${literal})${detail === '' ? '' : `: ${detail}`}`
}

// Between two starts of a crash loop a container is told by how it ended: `Error`, or `Completed` with exit code 0.
function endsAgainAndAgain(reason: string): boolean {
  return reason === 'CrashLoopBackOff' || reason === 'Error' || reason === 'Completed'
}

function exitCode({ lastTermination }: Cause): string | undefined {
  return lastTermination === undefined ? undefined : `exit code ${lastTermination.exitCode}`
}

function verbOf({ reason, pods: count }: Cause): string {
  const one = count === 1
  if (endsAgainAndAgain(reason)) return one ? 'crashes' : 'crash'
  switch (reason) {
    case 'ErrImagePull':
    case 'ImagePullBackOff':
    case 'ErrImageNeverPull':
    case 'RegistryUnavailable':
      return `cannot pull ${one ? 'its' : 'their'} image`
    case 'InvalidImageName':
      return `${one ? 'has' : 'have'} an invalid image name`
    case 'OOMKilled':
      return `${one ? 'runs' : 'run'} out of memory`
    case 'CreateContainerConfigError':
      return `cannot start: ${one ? 'its' : 'their'} configuration is incomplete`
    case 'CreateContainerError':
    case 'RunContainerError':
    case 'StartError':
    case 'ContainerCannotRun':
      return `cannot start ${one ? 'its' : 'their'} container`
    case 'Unschedulable':
      return 'found no node to run on'
    case 'FailedCreate':
    case 'ReplicaFailure':
      return 'can be created'
    case 'Unhealthy':
    case 'ContainersNotReady':
      return `${one ? 'is' : 'are'} not ready`
    default:
      return `${one ? 'does' : 'do'} not come up`
  }
}

function detailOf(cause: Cause, { containers }: Rollout): string {
  const { reason, message, container, restarts, lastTermination } = cause
  const again = restarts > 0 ? `restarted ${restarts} ${restarts === 1 ? 'time' : 'times'}` : ''
  const image = container && code(container.image, 300)
  const bound = containers.find(({ name }) => name === container?.name)?.limits['memory']
  const limit = bound === undefined ? undefined : plainText(bound, 40)
  if (endsAgainAndAgain(reason)) {
    if (lastTermination?.reason === 'OOMKilled')
      return listed(`runs out of memory${limit === undefined ? '' : ` (limit ${limit})`}`, again)
    const lastWords = lastTermination?.message ?? ''
    const said = lastWords === '' ? '' : `last words: ${code(lastWords, detailRoom)}`
    return listed('ends soon after its start', again, said)
  }
  switch (reason) {
    case 'ErrImagePull':
    case 'ImagePullBackOff':
      return `${image ?? ''} ${pullProblem(message)}`.trim()
    case 'InvalidImageName':
      return image ?? plainText(message, detailRoom)
    case 'OOMKilled':
      return listed(limit === undefined ? 'no memory limit' : `memory limit ${limit}`, again)
    case 'FailedCreate':
    case 'ReplicaFailure':
      return plainText(message.replace(/^.*? is forbidden: /s, ''), detailRoom)
    default:
      return listed(plainText(message, detailRoom), again)
  }
}

function listed(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(', ')
}

/** What is wrong with a pull, in two words where the message says a known thing. */
function pullProblem(message: string): string {
  const known: readonly (readonly [RegExp, string])[] = [
    [/no match for platform/i, 'not built for the platform of the node'],
    // A registry that hides what one may not see says the same of both.
    [/does not exist or may require/i, 'not there, or not allowed'],
    [/not found|manifest unknown|no such manifest/i, 'not found'],
    [/unauthorized|denied|forbidden|authentication required|no basic auth/i, 'not allowed'],
    [/toomanyrequests|rate limit/i, 'refused for now, the registry limits pulls'],
    [/no such host|timeout|timed out|refused|unreachable|EOF/i, 'not reached, the registry does not answer'],
  ]
  const short = known.find(([pattern]) => pattern.test(message))?.[1]
  return short ?? plainText(message, detailRoom)
}
