import type { AnnotationProblem } from '@hermod/contracts'
import { clipText } from './clip-text.ts'

/** Everything under this prefix is ours and travels with an observation. */
const annotationPrefix = 'hermod.uswitch.com/'

/** A namespace that carries it is watched. */
export const slackAnnotation: string = `${annotationPrefix}slack`

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
  readonly accepts: (value: string) => boolean
  readonly problem: string
}

const each =
  (pattern: RegExp): Rule['accepts'] =>
  (value) =>
    value.split(',').every((part) => pattern.test(part.trim()))

const rules: ReadonlyMap<string, Rule> = new Map([
  [
    slackAnnotation,
    {
      accepts: each(/^#?[\p{L}\p{M}\p{N}_-]{1,80}$/u),
      problem:
        'is no Slack channel: write a name like "deploys" or an id like "C0123456789", several with commas',
    },
  ],
  [
    `${annotationPrefix}alert`,
    {
      accepts: (value) => value === 'failure' || value === 'all',
      problem: 'is no alert level: write "failure" or "all"',
    },
  ],
  [
    `${annotationPrefix}mention`,
    {
      accepts: each(/^[UWS][A-Z0-9]{2,}$/),
      problem: 'mentions nobody: write ids of Slack users or groups like "U0123456789", several with commas',
    },
  ],
])

/** What is wrong with our annotations on one object, for the person who wrote them. */
export function annotationProblems(
  on: AnnotationProblem['on'],
  annotations: Readonly<Record<string, string>>,
): AnnotationProblem[] {
  return Object.entries(annotations).flatMap(([annotation, value]) => {
    const rule = rules.get(annotation)
    if (rule === undefined || rule.accepts(value)) return []
    return [{ annotation, on, value: clipText(value, 100), problem: rule.problem }]
  })
}
