import { buckets, escapeToken, type Parsed } from '@hermod/contracts'
import { type JetStreamConnection, openBucket } from '@hermod/jetstream'
import { FatalError } from '@hermod/runtime'
import { field, text } from './api-server/api-object.ts'
import type { ApiTransport } from './api-server/api-transport.ts'
import { readJson } from './api-server/read-json.ts'

interface Claim {
  readonly kubeSystemUid: string
}

export interface ClaimOptions {
  readonly transport: ApiTransport
  readonly connection: JetStreamConnection
  readonly cluster: string
  readonly signal: AbortSignal
}

/**
 * Makes sure that the cluster's name is this cluster's alone: two of one name would mix their rollouts. Throws a
 * FatalError if another cluster has it; where kube-system may not be read, or is not there, nothing can be checked.
 */
export async function claimClusterName({
  transport,
  connection,
  cluster,
  signal,
}: ClaimOptions): Promise<void> {
  const read = await readJson(transport, { path: '/api/v1/namespaces/kube-system', query: {}, signal })
  if (read.kind === 'refused' && (read.status === 403 || read.status === 404)) return
  if (read.kind === 'refused') throw new Error(`kube-system: ${read.status} ${read.message}`)
  const kubeSystemUid = text(field(field(read.body, 'metadata'), 'uid'))
  const bucket = openBucket<Claim>({ connection, bucket: buckets.clusters.name, parse: parseClaim })
  const key = escapeToken(cluster)
  for (;;) {
    const stored = await bucket.load(key, signal)
    if (stored?.value.kubeSystemUid === kubeSystemUid) return
    if (stored !== undefined) {
      throw new FatalError(`another cluster is already called ${JSON.stringify(cluster)}`, {
        remedy: `give this one a CLUSTER_NAME of its own; if it was made anew, remove the key ${key} of the KV bucket clusters`,
      })
    }
    if ((await bucket.save(key, { kubeSystemUid }, undefined, signal)) !== undefined) return
  }
}

function parseClaim(data: unknown): Parsed<Claim> {
  const kubeSystemUid = text(field(data, 'kubeSystemUid'))
  return kubeSystemUid === ''
    ? { kind: 'malformed', problem: 'no kubeSystemUid' }
    : { kind: 'ok', value: { kubeSystemUid } }
}
