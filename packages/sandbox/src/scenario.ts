/** What happens in a small company: each scenario can be played by itself, and leaves its services in good health. */

export interface Service {
  readonly namespace: string
  readonly name: string
  readonly replicas: number
  /** Who applies it, as managedFields name them. */
  readonly manager: string
}

/** How the pods of a build fare; the tag of its image tells the played nodes. */
export type Fate = 'works' | 'slow' | 'badimage' | 'crash' | 'hungry' | 'unready' | 'badconfig' | 'outage'

export type Act =
  | { readonly kind: 'create' }
  | { readonly kind: 'delete' }
  | { readonly kind: 'roll out'; readonly fate: Fate; readonly memory?: string }
  /** Back to the image that worked last. */
  | { readonly kind: 'roll back' }
  | { readonly kind: 'restart' }
  | { readonly kind: 'scale'; readonly replicas: number }
  | { readonly kind: 'pause' | 'resume' }
  | { readonly kind: 'set quota'; readonly pods: number }
  | { readonly kind: 'lift quota' }
  /** The registry answers again. */
  | { readonly kind: 'mend registry' }

export interface Step {
  readonly act: Act
  readonly on: readonly Service[]
  /** When the next step comes: after so many ms, or when Kubernetes says so. */
  readonly until: number | 'live' | 'failed'
}

export interface Scenario {
  readonly id: string
  readonly title: string
  readonly steps: readonly Step[]
}

/** How long a rollout of the sandbox may hang before Kubernetes calls it failed. */
export const progressDeadlineSeconds = 20

/** Channel of each namespace. */
export const channels: Readonly<Record<string, string>> = {
  shop: 'shop-deploys',
  payments: 'payments',
  platform: 'platform-deploys',
  reports: 'platform-deploys',
}

const service = (namespace: string, name: string, replicas: number, manager: string): Service => ({
  namespace,
  name,
  replicas,
  manager,
})

const checkout = service('shop', 'checkout', 3, 'helm')
const search = service('shop', 'search', 3, 'argocd-controller')
const cart = service('shop', 'cart', 2, 'helm')
const catalog = service('shop', 'catalog', 2, 'argocd-controller')
const web = service('shop', 'web', 4, 'helm')
const stock = service('shop', 'stock', 2, 'kubectl')
const prices = service('shop', 'prices', 2, 'helm')
const ledger = service('payments', 'ledger', 2, 'kubectl')
const invoices = service('payments', 'invoices', 2, 'helm')
const refunds = service('payments', 'refunds', 2, 'argocd-controller')
const fraud = service('payments', 'fraud', 2, 'helm')
const payouts = service('payments', 'payouts', 2, 'kubectl')
const oldLedger = service('payments', 'old-ledger', 1, 'kubectl')
const images = service('shop', 'images', 2, 'helm')
const newsletter = service('shop', 'newsletter', 2, 'argocd-controller')
const mail = service('shop', 'mail', 2, 'helm')
const reports = service('reports', 'reports', 2, 'kubectl')
const fleet = Array.from({ length: 30 }, (_, at) =>
  service('platform', `service-${String(at + 1).padStart(2, '0')}`, 1, 'helm'),
)

/** All that is there before anything is played. */
export const services: readonly Service[] = [
  checkout,
  search,
  cart,
  catalog,
  web,
  stock,
  prices,
  images,
  mail,
  newsletter,
  ledger,
  invoices,
  refunds,
  fraud,
  payouts,
  reports,
  ...fleet,
]

const step = (on: readonly Service[], act: Act, until: Step['until']): Step => ({ on, act, until })
const rollOut = (on: Service, fate: Fate, until: Step['until'], memory?: string): Step =>
  step([on], { kind: 'roll out', fate, ...(memory !== undefined && { memory }) }, until)

const aLook = 5_000

export const scenarios: readonly Scenario[] = [
  { id: 'success', title: 'A rollout that works', steps: [rollOut(checkout, 'works', 'live')] },
  {
    id: 'bad-image',
    title: 'A tag that does not exist',
    steps: [rollOut(ledger, 'badimage', 'failed'), rollOut(ledger, 'works', 'live')],
  },
  { id: 'slow', title: 'A slow one', steps: [rollOut(search, 'slow', 'live')] },
  {
    id: 'crash',
    title: 'A crash loop',
    steps: [rollOut(cart, 'crash', 'failed'), rollOut(cart, 'works', 'live')],
  },
  {
    id: 'scaling',
    title: 'Scaling (nobody’s news)',
    steps: [
      step([catalog], { kind: 'scale', replicas: catalog.replicas + 3 }, 'live'),
      step([catalog], { kind: 'scale', replicas: catalog.replicas }, 'live'),
    ],
  },
  {
    id: 'out-of-memory',
    title: 'Out of memory',
    steps: [rollOut(prices, 'hungry', 'failed', '64Mi'), rollOut(prices, 'works', 'live')],
  },
  {
    id: 'rollback',
    title: 'A rollback',
    steps: [rollOut(invoices, 'crash', 2 * aLook), step([invoices], { kind: 'roll back' }, 'live')],
  },
  { id: 'restart', title: 'A restart', steps: [step([stock], { kind: 'restart' }, 'live')] },
  {
    id: 'unready',
    title: 'Never ready',
    steps: [rollOut(refunds, 'unready', 'failed'), step([refunds], { kind: 'roll back' }, 'live')],
  },
  {
    id: 'superseded',
    title: 'Overtaken by the next',
    steps: [rollOut(images, 'slow', aLook), rollOut(images, 'works', 'live')],
  },
  {
    id: 'config-error',
    title: 'A missing secret',
    steps: [rollOut(fraud, 'badconfig', 'failed'), rollOut(fraud, 'works', 'live')],
  },
  {
    id: 'pause',
    title: 'Paused and resumed',
    steps: [
      rollOut(web, 'slow', aLook),
      step([web], { kind: 'pause' }, 2 * aLook),
      step([web], { kind: 'resume' }, 'live'),
    ],
  },
  {
    id: 'quota',
    title: 'A quota that is used up',
    steps: [
      step([reports], { kind: 'set quota', pods: reports.replicas }, 1_000),
      rollOut(reports, 'works', 2 * aLook),
      step([reports], { kind: 'lift quota' }, 'live'),
    ],
  },
  {
    id: 'deleted',
    title: 'Deleted in mid-rollout',
    steps: [
      step([oldLedger], { kind: 'create' }, 'live'),
      rollOut(oldLedger, 'slow', aLook),
      step([oldLedger], { kind: 'delete' }, 1_000),
    ],
  },
  {
    id: 'registry',
    title: 'A registry outage',
    steps: [
      step([mail, newsletter, payouts], { kind: 'roll out', fate: 'outage' }, 2 * aLook),
      step([mail, newsletter, payouts], { kind: 'mend registry' }, 'live'),
    ],
  },
  {
    id: 'thirty',
    title: 'Thirty at once',
    steps: [step(fleet, { kind: 'roll out', fate: 'works' }, 'live')],
  },
]
