/** A label's values, or how many different ones are kept apart before any other counts as `other`. */
export type LabelDomain = readonly string[] | { readonly atMost: number }

export type LabelDomains = Readonly<Record<string, LabelDomain>>

export type LabelValues<L extends LabelDomains> = {
  readonly [K in keyof L]: L[K] extends readonly (infer V extends string)[] ? V : string
}

/** Every combination of values where each label is closed; none where one is open. */
export function closedCombinations(domains: LabelDomains): readonly Record<string, string>[] {
  return Object.entries(domains).reduce<readonly Record<string, string>[]>(
    (combinations, [label, domain]) =>
      isClosed(domain)
        ? combinations.flatMap((each) => domain.map((value) => ({ ...each, [label]: value })))
        : [],
    [{}],
  )
}

/** Gives labels as they may be recorded: past an open label's bound a new value becomes `other`. */
export function boundLabels(
  domains: LabelDomains,
): (labels: Readonly<Record<string, string>>) => Record<string, string> {
  const seen = new Map<string, Set<string>>()
  const bound = (label: string, value: string): string => {
    const domain = domains[label]
    if (domain === undefined || isClosed(domain)) return value
    const values = seen.get(label) ?? new Set()
    seen.set(label, values)
    if (values.size < domain.atMost) values.add(value)
    return values.has(value) ? value : 'other'
  }
  return (labels) =>
    Object.fromEntries(Object.keys(domains).map((label) => [label, bound(label, labels[label] ?? '')]))
}

function isClosed(domain: LabelDomain): domain is readonly string[] {
  return Array.isArray(domain)
}
