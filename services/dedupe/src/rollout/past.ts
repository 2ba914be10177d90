import { secondsBetween } from './happened.ts'
import type { Past, PastTemplate, Tracked } from './rollout.ts'
import { sameTemplate } from './template.ts'

// Kubernetes keeps ten old ReplicaSets by default (revisionHistoryLimit): nothing older can come back by `undo`.
const templatesKept = 10
const durationsKept = 7
const uidsKept = 8

export const noPast: Past = { templates: [], secondsTaken: [], goneUids: [] }

/** The attempt that ends joins the templates that a rollback may bring back. */
export function withAttempt(tracked: Tracked): Past {
  const { digest, keyId, digestVersion, podTemplateHash } = tracked.template
  const ended: PastTemplate = {
    digest,
    keyId,
    digestVersion,
    podTemplateHash,
    revision: tracked.rollout.revision,
  }
  const others = tracked.past.templates.filter((known) => !sameTemplate(known, ended))
  return { ...tracked.past, templates: [...others, ended].slice(-templatesKept) }
}

/** A version became complete: it is the one to go back to, and how long it took is worth knowing. */
export function withSuccess({ past, rollout, template, voice }: Tracked, finishedAt: string): Past {
  const { attempt, revision, containers, git, times } = rollout
  // Of a baseline only the end is known.
  const tookSeconds = voice === 'announced' ? secondsBetween(times.startedAt, finishedAt) : undefined
  const version = { attempt, revision, containers, git, finishedAt, tookSeconds }
  const secondsTaken = [...past.secondsTaken, tookSeconds].filter((seconds) => seconds !== undefined)
  const { failedSince } = past
  return {
    ...past,
    good: { template, version },
    secondsTaken: secondsTaken.slice(-durationsKept),
    failedSince: undefined,
    outageSeconds: failedSince === undefined ? undefined : secondsBetween(failedSince, finishedAt),
  }
}

export function withFailure({ past }: Tracked, failedAt: string): Past {
  return { ...past, failedSince: past.failedSince ?? failedAt }
}

export function withGoneUid(past: Past, uid: string): Past {
  if (past.goneUids.includes(uid)) return past
  return { ...past, goneUids: [...past.goneUids, uid].slice(-uidsKept) }
}

/** Median, undefined while nothing is known. */
export function typicalSeconds({ secondsTaken }: Past): number | undefined {
  return secondsTaken.toSorted((a, b) => a - b)[Math.floor(secondsTaken.length / 2)]
}
