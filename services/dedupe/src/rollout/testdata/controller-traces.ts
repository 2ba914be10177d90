import { readFileSync } from 'node:fs'

/** One action on the real controller, event by event, and what is to be made of it. */
export interface ControllerTrace {
  readonly action: string
  readonly events: string
  readonly says: string
  readonly ends: string
}

const text = readFileSync(new URL('controller-traces.txt', import.meta.url), 'utf8')

export const controllerTraces: readonly ControllerTrace[] = text
  .split('\n# ')
  .slice(1)
  .map((block) => {
    const [, action = '', events = '', says = '', ends = ''] =
      /^(.*)\n([^]*)\n-> (.*); (.*)\n*$/.exec(block) ?? []
    return { action, events, says: says === 'nothing' ? '' : says, ends }
  })
