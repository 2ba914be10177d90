import {
  type AnnotationProblem,
  alertAnnotation,
  alertByUse,
  channelsByUse,
  mentionAnnotation,
  mentionsByUse,
  mostListed,
  slackAnnotation,
  type WordsByUse,
} from '@hermod/contracts'
import { clipText } from './clip-text.ts'

/** Everything under this prefix is ours and travels with an observation. */
const annotationPrefix = 'hermod.uswitch.com/'

const mostAnnotations = 20

type Annotations = Readonly<Record<string, string | null | undefined>>

/** The annotations that routing reads: those under our prefix, each at most 500 characters. */
export function ownAnnotations(annotations: Annotations | null | undefined): Record<string, string> {
  const own = Object.entries(annotations ?? {}).filter(([name]) => name.startsWith(annotationPrefix))
  return Object.fromEntries(
    own.slice(0, mostAnnotations).map(([name, value]) => [name, clipText(value ?? '')]),
  )
}

interface Rule {
  readonly divide: (value: string) => WordsByUse
  /** What is wrong where nothing of it is used. */
  readonly problem: string
  readonly remedy: string
}

const several = `several with commas, at most ${mostListed}`

const rules: ReadonlyMap<string, Rule> = new Map([
  [
    slackAnnotation,
    {
      divide: channelsByUse,
      problem: 'is no Slack channel',
      remedy: `write a name like "deploys" or an id like "C0123456789", ${several}`,
    },
  ],
  [alertAnnotation, { divide: alertByUse, problem: 'is no alert level', remedy: 'write "failure" or "all"' }],
  [
    mentionAnnotation,
    {
      divide: mentionsByUse,
      problem: 'mentions nobody',
      remedy: `write ids of Slack users or groups like "U0123456789", ${several}`,
    },
  ],
])

/** What of our annotations on one object the notifier does not go by, for the person who wrote them. */
export function annotationProblems(
  on: AnnotationProblem['on'],
  annotations: Readonly<Record<string, string>>,
): AnnotationProblem[] {
  return Object.entries(annotations).flatMap(([annotation, value]) => {
    const rule = rules.get(annotation)
    if (rule === undefined) return []
    const { used, unused } = rule.divide(value)
    if (unused.length === 0) return []
    // The card shows the problem without the value.
    const problem = used.length === 0 ? rule.problem : `is used without ${clipText(unused.join(', '), 40)}`
    return [{ annotation, on, value: clipText(value, 100), problem: `${problem}: ${rule.remedy}` }]
  })
}
