import { measureBadWord } from './bad-word.ts'
import { measureBurst } from './burst.ts'
import type { Entrant } from './contender.ts'
import { measureDowntime } from './downtime.ts'
import type { Figure } from './figure.ts'
import { measureHang } from './hang.ts'
import { measureHops } from './hops.ts'
import { measureLatency } from './latency.ts'
import { measureSize } from './size.ts'
import type { Stage } from './stage.ts'

export type PartName = 'latency' | 'bad-word' | 'burst' | 'downtime' | 'hang' | 'hops' | 'size'

export interface Part {
  readonly about: string
  /** Nothing, where it says nothing about that entrant. */
  readonly measure: (stage: Stage, entrant: Entrant) => Promise<readonly Figure[]>
}

/** In the order of the table; the last one makes a cluster of its own. */
export const parts: Readonly<Record<PartName, Part>> = {
  latency: { about: 'from the API server to Slack', measure: measureLatency },
  'bad-word': { about: 'when people hear that something is wrong', measure: measureBadWord },
  burst: { about: 'a thousand rollouts at once', measure: measureBurst },
  downtime: { about: 'an hour’s worth of rollouts while nobody looks', measure: measureDowntime },
  hang: { about: 'a Slack that does not answer', measure: measureHang },
  hops: { about: 'each hop at its fastest, and the broker’s bytes', measure: measureHops },
  size: { about: 'memory and CPU by the size of the cluster', measure: measureSize },
}

export function isPartName(name: string): name is PartName {
  return Object.hasOwn(parts, name)
}
