import { hash } from 'node:crypto'
import type { RolloutTransition } from './rollout-transition.ts'

/**
 * Nats-Msg-Id of the `counter`-th message of one watcher process. It makes our own retry harmless and nothing
 * more: an id made from the content would swallow A → B → A.
 */
export function observationMessageId(bootId: string, counter: number): string {
  return `${bootId}-${counter}`
}

/** Nats-Msg-Id of a transition: whoever computes it again from the same observation gets the same id. */
export function transitionMessageId(transition: RolloutTransition): string {
  const { cluster, namespace, name, uid, attempt } = transition.rollout
  const { epoch, n, kind } = transition
  return sha256([cluster, namespace, name, uid, attempt, epoch, n, kind, transition])
}

function sha256(value: unknown): string {
  return hash('sha256', canonicalJson(value), 'base64url')
}

// Key order is an accident of who built the object: a value read back from KV must hash as the one written.
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}
