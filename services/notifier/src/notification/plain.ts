import type { RolloutTransition } from '@hermod/contracts'
import { plainText, withColon } from './escape.ts'
import { firstImage } from './image-version.ts'
import type { Message } from './message.ts'
import { moodOf } from './mood.ts'

/**
 * MESSAGE_STYLE=plain: what deploy-notifier wrote, word for word on success and deletion
 * (DBCDK/deploy-notifier, `deployment_event_to_message`), and the same shape for what it did not know.
 */
export function plainStyle(shown: RolloutTransition): Message {
  const { rollout } = shown
  const image = firstImage(rollout.containers)
  const lines = [
    plainSentence(shown),
    ...(image === undefined ? [] : [`Image: ${plainText(image, 600)}`]),
    ...(rollout.team === undefined || rollout.team === '' ? [] : [`Team: ${plainText(rollout.team)}`]),
  ]
  return { text: lines.join('\n'), attachments: [] }
}

function plainSentence(shown: RolloutTransition): string {
  const { rollout } = shown
  const name = plainText(rollout.name)
  const namespace = plainText(rollout.namespace)
  const reason = plainText(rollout.diagnosis?.causes[0]?.reason ?? rollout.reason)
  switch (moodOf(shown)) {
    case 'live':
    case 'recovered':
      return `${name} deployed to ${namespace}`
    case 'deleted':
      return `${name} deleted from ${namespace}`
    case 'failed':
      return `${name} failed in ${withColon(namespace)} ${reason}`
    case 'stuck':
      return `${name} is stuck in ${withColon(namespace)} ${reason}`
    case 'paused':
      return `${name} paused in ${namespace}`
    case 'superseded':
      return `${name} overtaken in ${namespace}`
    case 'released':
      return `${name} no longer watched in ${namespace}`
    default:
      return `${name} is deploying to ${namespace}`
  }
}
