// Where the parts of the benchmark are played: one cluster for all of them, made when it is first asked for.
import { type FakeSlackOptions, startFakeSlack } from '@hermod/testkit'
import { type Bed, now, startBed } from './bed.ts'
import type { Entrant } from './contender.ts'
import type { Run } from './told.ts'

const namespaces = { full: 50, small: 20 }

export class Stage implements AsyncDisposable {
  readonly small: boolean
  #bed: Promise<Bed> | undefined

  constructor({ small }: { readonly small: boolean }) {
    this.small = small
  }

  /** So many of whatever is measured; a tenth of it on a small stage. */
  size(full: number): number {
    return this.small ? Math.ceil(full / 10) : full
  }

  bed(): Promise<Bed> {
    this.#bed ??= startBed(this.small ? namespaces.small : namespaces.full)
    return this.#bed
  }

  async leaveCluster(): Promise<void> {
    const bed = this.#bed
    this.#bed = undefined
    await (await bed)?.[Symbol.asyncDispose]()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.leaveCluster()
  }
}

export interface OpenRun extends Run, AsyncDisposable {}

/** A contender at work before a Slack of its own: all that happens from now on is news. */
export async function startRun(
  bed: Bed,
  entrant: Entrant,
  slackOptions: FakeSlackOptions = {},
  settings?: Readonly<Record<string, string>>,
): Promise<OpenRun> {
  await using stack = new AsyncDisposableStack()
  const slack = stack.use(await startFakeSlack({ channels: bed.namespaces, ...slackOptions }))
  const place = { kubeconfig: bed.controlPlane.kubeconfig, namespaces: bed.namespaces, slack }
  const contender = stack.use(await entrant.start(place, settings))
  const started = stack.move()
  return { bed, contender, slack, sinceMs: now(), [Symbol.asyncDispose]: () => started.disposeAsync() }
}
