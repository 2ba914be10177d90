import { type DeploymentObservation, rolloutTraceId } from '@hermod/contracts'

type Identified = Pick<
  DeploymentObservation,
  'cluster' | 'namespace' | 'name' | 'uid' | 'generation' | 'template' | 'deleted'
>

interface Attempt {
  readonly uid: string
  readonly attempt: number
  readonly digest: string
}

/** How many Deployments are remembered; one is some 200 bytes. */
const mostKept = 20_000

/**
 * Finds the trace of the rollout that an observation belongs to, before anybody decided what a rollout is: as dedupe
 * counts it, the attempt is the generation that first had this template. Only a watcher started between a rollout's
 * start and its end, over a scaling, takes a later one; what dedupe says keeps the right one.
 */
export class Traces {
  readonly #attempts = new Map<string, Attempt>()

  of({ cluster, namespace, name, uid, generation, template, deleted }: Identified): string {
    const key = `${namespace}/${name}`
    const known = this.#attempts.get(key)
    const { digest } = template
    const goesOn = known?.uid === uid && known.digest === digest
    const attempt = goesOn ? known.attempt : generation
    this.#attempts.delete(key)
    if (!deleted) this.#attempts.set(key, { uid, attempt, digest })
    const [oldest] = this.#attempts.keys()
    if (this.#attempts.size > mostKept && oldest !== undefined) this.#attempts.delete(oldest)
    return rolloutTraceId({ cluster, uid, attempt })
  }
}
