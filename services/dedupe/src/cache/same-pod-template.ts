/** A Deployment's spec, in the API's spelling or in that of the Python client's `to_dict()`. */
export type Spec = Readonly<Record<string, unknown>>

/**
 * Whether two specs have the same pod template. What the API fills in by itself, what is null or empty, and how keys
 * are spelled makes no difference; replicas lie outside of the template.
 */
export function samePodTemplate(one: Spec, other: Spec): boolean {
  return canonicalText(one) === canonicalText(other)
}

function canonicalText(spec: Spec): string {
  return JSON.stringify(canonical(spec['template'], 'template') ?? null)
}

// Keys in these are the user's own, so they keep their spelling.
const userKeyed = new Set([
  'annotations',
  'labels',
  'limits',
  'matchlabels',
  'nodeselector',
  'options',
  'overhead',
  'requests',
  'volumeattributes',
])

// kubernetes pkg/apis/core/v1/defaults.go at v1.36.3, for what a pod template may hold.
const defaults: Readonly<Record<string, unknown>> = {
  apiversion: 'v1',
  defaultmode: 420,
  dnspolicy: 'ClusterFirst',
  failurethreshold: 3,
  periodseconds: 10,
  protocol: 'TCP',
  restartpolicy: 'Always',
  schedulername: 'default-scheduler',
  scheme: 'HTTP',
  successthreshold: 1,
  terminationgraceperiodseconds: 30,
  terminationmessagepath: '/dev/termination-log',
  terminationmessagepolicy: 'File',
  timeoutseconds: 1,
}

function canonical(value: unknown, key: string): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => canonical(item, '') ?? null)
    return items.length === 0 ? undefined : items
  }
  if (typeof value !== 'object' || value === null) {
    return value === null || (Object.hasOwn(defaults, key) && defaults[key] === value) ? undefined : value
  }
  const free = userKeyed.has(key)
  const fields = Object.entries(value)
    .map(([name, inner]): [string, unknown] => {
      const spelled = free ? name : name.replaceAll('_', '').toLowerCase()
      return [spelled, canonical(inner, free ? '' : spelled)]
    })
    .filter(([, inner]) => inner !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  // An object would give a label called `__proto__` another meaning.
  return fields.length === 0 ? undefined : fields
}
