import { deploymentKey, escapeToken, type RolloutKey, unescapeToken } from '@hermod/contracts'
import { fingerprint } from './notification/fingerprint.ts'

// The keys of bucket `cards`. A card's own key is also in the metadata of its messages.

/** `card.<p>.<cluster>.<namespace>.<name>.<uid>.<attempt>` */
export function cardKey(rollout: RolloutKey, partitions: number): string {
  return `card.${deploymentKey(rollout, partitions)}.${escapeToken(rollout.uid)}.${rollout.attempt}`
}

/** The cards of every attempt of the same Deployment object. */
export function attemptsFilter(rollout: RolloutKey, partitions: number): string {
  return `card.${deploymentKey(rollout, partitions)}.${escapeToken(rollout.uid)}.*`
}

/** The attempt out of a card's own key. */
export function attemptOfKey(key: string): number {
  return Number(key.slice(key.lastIndexOf('.') + 1))
}

/** A deletion is told by a card of its own. */
export function deletionKey(rollout: RolloutKey, partitions: number): string {
  return `deletion.${deploymentKey(rollout, partitions)}.${escapeToken(rollout.uid)}`
}

/** `which` tells it from every other digest. It may be long, and NATS cuts the link of whoever names a long subject. */
export function digestKey(channel: string, which: string): string {
  return `digest.${escapeToken(channel)}.${fingerprint(which)}`
}

/** Told once for each channel and problem. */
export function noticeKey(channel: string, problem: string): string {
  return `notice.${escapeToken(channel)}.${escapeToken(problem)}`
}

/** `open.<channel>.<card>`: exists while Slack does not have what the card says. */
export function openKey(channel: string, card: string): string {
  return `open.${escapeToken(channel)}.${card}`
}

export const allOpen = 'open.>'

/** The card's key out of an open key. */
export function cardOfOpenKey(key: string): string {
  return key.split('.').slice(2).join('.')
}

export function channelKey(name: string): string {
  return `channel.${escapeToken(name)}`
}

/** `retry.<channel>`: somebody asks for another try of what is parked there; '' = everywhere. */
export function retryKey(channel: string): string {
  return `retry.${escapeToken(channel)}`
}

export const allRetries = 'retry.*'

/** The channel out of a retry key. */
export function channelOfRetryKey(key: string): string {
  return unescapeToken(key.slice('retry.'.length)) ?? ''
}
