/**
 * What goes wrong with one request. `effect` says whether the server carries the request out all the same
 * (default: no): a lost reply is `{ kind: 'reset', effect: true }`. `label` names the fault in call logs.
 */
export type HttpFault = { label?: string; effect?: boolean } & (
  | { kind: 'answer'; answer: HttpAnswer }
  /** Never answers; the request stays open until the client or the server goes. */
  | { kind: 'hang' }
  /** TCP reset, before anything of the reply or after its headers and the first byte of its body. */
  | { kind: 'reset'; afterHeaders?: boolean }
  /** Carried out, then the connection ends after so many bytes of the body. */
  | { kind: 'truncate'; atByte: number }
  /** Late: with `effect` only the reply is, without it the whole request, even if its sender has gone by then. */
  | { kind: 'delay'; ms: number }
  /** As delay, but until the test says so. */
  | { kind: 'hold'; until: Promise<unknown> }
)

export interface HttpAnswer {
  status: number
  headers?: Readonly<Record<string, string>>
  body?: string | Uint8Array
  /** A body made while it is sent: endless, huge or slow. Replaces `body`. */
  stream?: () => AsyncIterable<Uint8Array>
}

export interface FaultRule<Request> {
  /** Which requests it hits; all by default. */
  when?: (request: Request) => boolean
  /** How many of them; until lifted by default. */
  times?: number
}

/** A fault in force. Disposing lifts it, so `using` bounds it to a block. */
export interface InjectedFault extends Disposable {
  /** Requests it has hit so far. */
  readonly hits: number
  lift(): void
}

/** The faults of one stand-in, taken in the order in which they were injected. */
export class FaultScript<Request, Fault = HttpFault> {
  readonly #rules: { fault: Fault; when: (request: Request) => boolean; left: number; hits: number }[] = []

  inject(
    fault: Fault,
    { when = () => true, times = Number.POSITIVE_INFINITY }: FaultRule<Request> = {},
  ): InjectedFault {
    const rule = { fault, when, left: times, hits: 0 }
    this.#rules.push(rule)
    const lift = () => {
      rule.left = 0
    }
    return {
      get hits() {
        return rule.hits
      },
      lift,
      [Symbol.dispose]: lift,
    }
  }

  /** The fault that hits this request, counted as used. */
  take(request: Request): Fault | undefined {
    const rule = this.#rules.find(({ left, when }) => left > 0 && when(request))
    if (rule === undefined) return undefined
    rule.left--
    rule.hits++
    return rule.fault
  }

  liftAll(): void {
    for (const rule of this.#rules) rule.left = 0
  }
}
