import type { Rollout } from '@hermod/contracts'
import { secondsBetween, span } from './clock.ts'
import { code, plainText } from './escape.ts'
import { firstImage, imageVersion } from './image-version.ts'

// Whatever is pasted into a shell consists of these alone.
const harmless = /^[a-z0-9][a-z0-9.-]*$/

/** How to get back to what worked, as a line to paste; `at` (RFC 3339) is when this is said. */
export function undoLine(rollout: Rollout, at: string): string | undefined {
  const { lastGood, revision } = rollout
  const target = kubectl(rollout)
  if (target === undefined) return undefined
  if (lastGood?.revision === undefined || !/^\d+$/.test(lastGood.revision) || lastGood.revision === revision)
    return `No earlier version is known to have worked. To look closer: ${code(target('describe'), 700)}`
  const image = firstImage(lastGood.containers)
  const name = image === undefined ? 'version' : plainText(imageVersion(image), 80)
  const age = span(secondsBetween(lastGood.finishedAt, at))
  const command = `${target('rollout undo')} --to-revision=${lastGood.revision}`
  return `Last good ${name} (revision ${lastGood.revision}, ${age} old): ${code(command, 700)}`
}

/** How to let a paused rollout go on. */
export function resumeLine(rollout: Rollout): string | undefined {
  const target = kubectl(rollout)
  return target && `To go on: ${code(target('rollout resume'), 700)}`
}

function kubectl({ namespace, name }: Rollout): ((verb: string) => string) | undefined {
  if (!harmless.test(namespace) || !harmless.test(name)) return undefined
  return (verb) => `kubectl -n ${namespace} ${verb} deployment/${name}`
}
