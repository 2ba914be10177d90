/** The requests that a step of a scenario makes, and what it is in words. */
import { type Act, channels, type Fate, progressDeadlineSeconds, type Service } from './scenario.ts'

export type Annotations = Readonly<Record<string, string>> | undefined

export interface Change {
  /** A merge patch of the Deployment. */
  readonly patch: object
  readonly words: string
  /** The new one, if there is one. */
  readonly image?: string
}

// Annotations of the player's own: what the next build is called, and which image worked last.
const buildAnnotation = 'sandbox.hermod/build'
const goodAnnotation = 'sandbox.hermod/good-image'
const usualMemory = '256Mi'

const fates: Readonly<Record<Fate, string>> = {
  works: 'which works',
  slow: 'which takes its time',
  badimage: 'which is not in the registry',
  crash: 'which crashes at its start',
  hungry: 'which needs more memory than it may have',
  unready: 'which never becomes ready',
  badconfig: 'which names a secret that is not there',
  outage: 'while the registry is away',
}

const working: readonly Fate[] = ['works', 'slow', 'outage']

/** Undefined for what is not done by a patch. */
export function changeFor(
  { name }: Service,
  act: Act,
  annotations: Annotations,
  now: Date,
): Change | undefined {
  switch (act.kind) {
    case 'roll out': {
      const build = Number(annotations?.[buildAnnotation] ?? 0) + 1
      const image = imageOf(name, build, act.fate)
      const good = working.includes(act.fate) && { [goodAnnotation]: image }
      const metadata = { annotations: { [buildAnnotation]: String(build), ...good } }
      const patch = { metadata, spec: withContainer(name, image, act.memory) }
      return { patch, image, words: `new image ${tagOf(image)}, ${fates[act.fate]}` }
    }
    case 'roll back': {
      const image = annotations?.[goodAnnotation] ?? imageOf(name, 0, 'works')
      return { patch: { spec: withContainer(name, image) }, words: `rolled back to ${tagOf(image)}` }
    }
    case 'restart': {
      const metadata = { annotations: { 'kubectl.kubernetes.io/restartedAt': now.toISOString() } }
      return { patch: { spec: { template: { metadata } } }, words: 'restarted' }
    }
    case 'scale':
      return {
        patch: { spec: { replicas: act.replicas } },
        words: `scaled to ${act.replicas}, which is nobody's news`,
      }
    case 'pause':
    case 'resume':
      return { patch: { spec: { paused: act.kind === 'pause' || null } }, words: `${act.kind}d` }
    default:
      return undefined
  }
}

/** The image of a build, and how its pods will fare. */
function imageOf(name: string, build: number, fate: Fate): string {
  const mark = fate === 'works' || fate === 'outage' ? '' : `-${fate}`
  return `registry.example/${name}:2.4.${build}${mark}`
}

export function fateOf(image: string): Fate {
  const mark = /-([a-z]+)$/.exec(tagOf(image))?.[1] ?? ''
  return Object.hasOwn(fates, mark) ? (mark as Fate) : 'works'
}

function withContainer(name: string, image: string, memory: string = usualMemory): object {
  return { template: { spec: { containers: [{ name, image, resources: { limits: { memory } } }] } } }
}

function tagOf(image: string): string {
  return image.slice(image.lastIndexOf(':') + 1)
}

/** The Deployment as it is made the first time. */
export function manifestOf({ namespace, name, replicas }: Service): object {
  const { template } = withContainer(name, imageOf(name, 0, 'works')) as { template: object }
  const labels = { app: name, 'app.dbc.dk/team': namespace }
  return {
    metadata: { name, namespace },
    spec: {
      replicas,
      progressDeadlineSeconds,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels }, ...template },
    },
  }
}

export function namespaceManifest(name: string): object {
  return { metadata: { name, annotations: { 'hermod.uswitch.com/slack': channels[name] ?? name } } }
}
