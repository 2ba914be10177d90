/** What the API server sends: each object comes on a line of a watch. */
import { EventReader } from '../../services/watcher/src/api-server/event-reader.ts'
import { KnownObjects } from '../../services/watcher/src/api-server/known-objects.ts'
import { observePod } from '../../services/watcher/src/deployment/pod-facts.ts'
import { observeReplicaSet } from '../../services/watcher/src/deployment/replica-set-facts.ts'
import { observeWarning } from '../../services/watcher/src/deployment/warning-facts.ts'
import { asWire } from '../../services/watcher/src/deployment/wire.ts'
import type { EntryPoint } from './entry-point.ts'
import { deployments, digester, observationOf, yaml } from './samples.ts'

const watchLines = deployments.map((object) => `{"type":"MODIFIED","object":${object}}\n`).join('')

/** What a watch brings: a line that cannot be used ends it, and nothing else. */
function readLines(input: string, project: (object: unknown) => unknown): void {
  for (const listing of [true, false]) {
    const reader = new EventReader(new KnownObjects(), project, listing)
    const bytes = Buffer.from(input)
    const half = Math.floor(bytes.length / 2)
    reader.read(bytes.subarray(0, half))
    if (reader.failure === undefined) reader.read(bytes.subarray(half))
  }
}

function onWatch(
  name: string,
  samples: EntryPoint['samples'],
  project: (object: unknown) => unknown,
): EntryPoint {
  return {
    name: `${name} on a watch`,
    samples,
    take: (input) => readLines(`{"type":"ADDED","object":${input}}\n`, project),
  }
}

export const watchEntryPoints: readonly EntryPoint[] = [
  {
    name: 'line of a watch',
    samples: [
      watchLines,
      '{"type":"ERROR","object":{"kind":"Status","code":410}}\n',
      '{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"5"}}}\n',
    ],
    take: (input) => readLines(input, (object) => object),
  },
  onWatch('Deployment', deployments, observationOf),
  onWatch(
    'pod',
    [yaml('pod-crash-loop'), yaml('pod-image-pull-back-off'), yaml('pod-unschedulable')],
    (object) => observePod(asWire(object)),
  ),
  onWatch('ReplicaSet', [yaml('replica-set-new')], (object) =>
    observeReplicaSet(asWire(object), () => digester),
  ),
  onWatch('Event', [yaml('event-failedmount')], (object) => observeWarning(asWire(object))),
]
