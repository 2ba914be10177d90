/** Holds the cache files against what happened: an entry is the template that came up last and was told. Whether it is told at all, others judge. */
import type { Attempt } from '../oracle/api-history.ts'
import type { Finding } from '../oracle/judge.ts'
import type { SeenCard } from '../oracle/slack-log.ts'

interface CacheFile {
  readonly events: Readonly<
    Record<
      string,
      {
        readonly type: string
        readonly object: {
          readonly spec: {
            /** Missing where nothing but that the Deployment is known is remembered. */
            readonly template?: {
              readonly spec: { readonly containers: readonly { readonly image: string }[] }
            }
          }
        }
      }
    >
  >
}

export function judgeCache(
  attempts: readonly Attempt[],
  cards: readonly SeenCard[],
  files: ReadonlyMap<string, string>,
): readonly Finding[] {
  const newest = new Map(attempts.map((attempt) => [`${attempt.namespace}/${attempt.name}`, attempt]))
  return [...newest].flatMap(([what, { namespace, name, tag, uid, completeMs, endedBy, ...attempt }]) => {
    const isOver = endedBy === 'deleted' || completeMs !== undefined
    const isTold = cards.some((card) => card.uid === uid && card.generation >= attempt.fromGeneration)
    // Without a pod it has come to no end that people are told.
    if (!isOver || !isTold || attempt.isEmptied) return []
    const text = files.get(`deployment-events-v2-default-namespace-${namespace}.json`) ?? '{"events":{}}'
    const entry = (JSON.parse(text) as CacheFile).events[name]
    // Gone before its spec was heard of, it has none to be remembered by.
    if (endedBy === 'deleted' && (entry === undefined || entry.type === 'DELETED')) return []
    const held = entry?.object.spec.template?.spec.containers[0]?.image.split(':').at(-1)
    if (endedBy !== 'deleted' && entry?.type !== 'DELETED' && held === tag) return []
    const is = entry === undefined ? 'nothing' : `${entry.type} ${held}`
    return [{ kind: 'lost', what: `the cache holds ${is} of ${what}, which is ${endedBy ?? tag}` }]
  })
}
