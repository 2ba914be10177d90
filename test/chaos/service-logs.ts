/** Owns what the services logged: evidence for a finding that a second run would not show again. */
import type { ServiceName } from '../pipeline/service-process.ts'

const mostLines = 100_000
const mostShown = 80

interface Line {
  readonly service: ServiceName
  readonly text: string
}

export class ServiceLogs {
  #lines: Line[] = []
  readonly #ends = new Map<ServiceName, string>()

  hear(service: ServiceName, piece: string): void {
    const texts = `${this.#ends.get(service) ?? ''}${piece}`.split('\n')
    this.#ends.set(service, texts.pop() ?? '')
    for (const text of texts) this.#lines.push({ service, text })
    if (this.#lines.length > 2 * mostLines) this.#lines = this.#lines.slice(-mostLines)
  }

  /** The last lines that speak of this Deployment, the oldest first. */
  about({ namespace, name }: { readonly namespace: string; readonly name: string }): readonly string[] {
    const inKey = `.${namespace}.${name}.`
    return this.#lines
      .filter(
        ({ text }) => text.includes(inKey) || (text.includes(`"${name}"`) && text.includes(`"${namespace}"`)),
      )
      .slice(-mostShown)
      .map(({ service, text }) => `${service}: ${text}`)
  }
}
