import { rolloutTraceId } from '@hermod/contracts'
import type { Card } from './notification/card.ts'

/** The field by which log lines about one rollout are found in all services; a digest tells of many. */
export function traceFields({ story }: Pick<Card, 'story'>): { readonly traceId?: string } {
  return story.kind === 'rollout' ? { traceId: rolloutTraceId(story.shown.rollout) } : {}
}
