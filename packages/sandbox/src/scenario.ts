/** One thing that somebody does to a Deployment of the sandbox. */
export interface Step {
  readonly namespace: string
  readonly name: string
  readonly waitMs: number
  readonly act: Act
}

export type Act =
  /** A new image; its tag tells the played nodes how its pods fare. */
  | { readonly kind: 'roll out'; readonly fate: Fate }
  /** Back to the image that worked last. */
  | { readonly kind: 'roll back' }
  | { readonly kind: 'scale'; readonly replicas: number }

export type Fate = 'works' | 'badimage' | 'crash'

export interface Service {
  readonly namespace: string
  readonly name: string
  readonly replicas: number
}

/** Channel of each namespace. */
export const channels: Readonly<Record<string, string>> = { shop: 'shop-deploys', payments: 'payments' }

export const services: readonly Service[] = [
  { namespace: 'shop', name: 'checkout', replicas: 3 },
  { namespace: 'shop', name: 'cart', replicas: 2 },
  { namespace: 'payments', name: 'ledger', replicas: 2 },
]

/** How long a rollout of the sandbox may hang before Kubernetes calls it failed. */
const progressDeadlineSeconds = 20

const gentle = 12_000
const untilFailed = (progressDeadlineSeconds + 10) * 1_000

/** An afternoon in two minutes; it begins again when it is over. */
export const scenario: readonly Step[] = [
  { namespace: 'shop', name: 'checkout', act: { kind: 'roll out', fate: 'works' }, waitMs: gentle },
  { namespace: 'payments', name: 'ledger', act: { kind: 'roll out', fate: 'badimage' }, waitMs: untilFailed },
  { namespace: 'payments', name: 'ledger', act: { kind: 'roll back' }, waitMs: gentle },
  { namespace: 'shop', name: 'cart', act: { kind: 'scale', replicas: 3 }, waitMs: gentle },
  { namespace: 'shop', name: 'cart', act: { kind: 'roll out', fate: 'crash' }, waitMs: untilFailed },
  { namespace: 'shop', name: 'cart', act: { kind: 'roll out', fate: 'works' }, waitMs: gentle },
  { namespace: 'shop', name: 'cart', act: { kind: 'scale', replicas: 2 }, waitMs: gentle },
]

/** The image of a build, and how its pods will fare. */
function imageOf(name: string, build: number, fate: Fate): string {
  return `registry.example/${name}:2.4.${build}${fate === 'works' ? '' : `-${fate}`}`
}

export function fateOf(image: string): Fate {
  if (image.endsWith('-badimage')) return 'badimage'
  return image.endsWith('-crash') ? 'crash' : 'works'
}

// Annotations of the player's own: what the next build is called, and which image worked last.
const buildAnnotation = 'sandbox.hermod/build'
const goodAnnotation = 'sandbox.hermod/good-image'

type Annotations = Readonly<Record<string, string>> | undefined

/** The merge patch that does it, and what it is in words. */
export function patchFor(
  { name, act }: Step,
  annotations: Annotations,
): { readonly patch: object; readonly words: string } {
  if (act.kind === 'scale')
    return {
      patch: { spec: { replicas: act.replicas } },
      words: `scaled to ${act.replicas}, which is nobody's news`,
    }
  const good = annotations?.[goodAnnotation] ?? imageOf(name, 0, 'works')
  if (act.kind === 'roll back')
    return { patch: withImage(name, good), words: `rolled back to ${tagOf(good)}` }
  const build = Number(annotations?.[buildAnnotation] ?? 0) + 1
  const image = imageOf(name, build, act.fate)
  const noted = { [buildAnnotation]: String(build), ...(act.fate === 'works' && { [goodAnnotation]: image }) }
  return {
    patch: { metadata: { annotations: noted }, ...withImage(name, image) },
    words: `new image ${tagOf(image)}, ${fateWords[act.fate]}`,
  }
}

const fateWords: Readonly<Record<Fate, string>> = {
  works: 'which works',
  badimage: 'which is not in the registry',
  crash: 'which crashes at its start',
}

function withImage(name: string, image: string): { readonly spec: object } {
  return { spec: { template: { spec: { containers: [{ name, image }] } } } }
}

function tagOf(image: string): string {
  return image.slice(image.lastIndexOf(':') + 1)
}

/** The Deployment as it is made the first time. */
export function manifestOf({ namespace, name, replicas }: Service): object {
  const labels = { app: name, 'app.dbc.dk/team': namespace }
  return {
    metadata: { name, namespace },
    spec: {
      replicas,
      progressDeadlineSeconds,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels },
        spec: { containers: [{ name, image: imageOf(name, 0, 'works') }] },
      },
    },
  }
}
