import type { Draft } from './draft.ts'

/** The API server's words when the pods of a namespace are as many as a ResourceQuota has; undefined when not. */
export function exceededQuota(draft: Draft, namespace: string, podName: string): string | undefined {
  const used = draft.list('Pod', namespace).length
  for (const { metadata, spec } of draft.list('ResourceQuota', namespace)) {
    const limit = spec.hard?.pods
    if (limit === undefined || used < Number(limit)) continue
    return (
      `pods "${podName}" is forbidden: exceeded quota: ${metadata.name}, ` +
      `requested: pods=1, used: pods=${used}, limited: pods=${limit}`
    )
  }
  return undefined
}
