import { type Parsed, parseTransition } from '@hermod/contracts'
import { type Card, cardVersion, type Story } from './card.ts'

/** Reads a stored card; the result says malformed or newer instead of throwing. */
export function parseCard(data: unknown): Parsed<Card> {
  if (!isRecord(data) || !Number.isSafeInteger(data['version']))
    return malformed('version: Expected a number')
  const version = Number(data['version'])
  if (version > cardVersion) return { kind: 'newer', version }
  if (typeof data['touchedAt'] !== 'string') return malformed('touchedAt: Expected a time')
  if (!isRecord(data['places'])) return malformed('places: Expected an object')
  const story = data['story']
  if (!isRecord(story)) return malformed('story: Expected an object')
  const transitions = transitionsOf(story)
  if (transitions === undefined)
    return malformed(`story: ${JSON.stringify(story['kind'])} is unknown or has no items`)
  for (const transition of transitions) {
    const parsed = parseTransition(transition)
    if (parsed.kind !== 'ok') return parsed
  }
  // Everything else is of our own writing under the same version.
  return { kind: 'ok', value: data as unknown as Card }
}

function transitionsOf(story: Record<string, unknown>): unknown[] | undefined {
  switch (story['kind'] as Story['kind']) {
    case 'rollout':
      return [story['shown']]
    case 'digest': {
      const items: unknown = story['items']
      return Array.isArray(items) ? items.map((item) => isRecord(item) && item['transition']) : undefined
    }
    case 'notice':
      return []
    default:
      return undefined
  }
}

function malformed(problem: string): Parsed<never> {
  return { kind: 'malformed', problem }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
