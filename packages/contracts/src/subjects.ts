import { partitionOf } from './partition.ts'

/** What names a Deployment in every hop. The uid is left out: a recreated Deployment keeps its place in line. */
export interface DeploymentName {
  readonly cluster: string
  readonly namespace: string
  readonly name: string
}

/** The wildcard subjects that streams, consumers and permissions are made of. */
export const subjectsOf = {
  observations: 'hermod.observation.>',
  observationsOf: (partition: number): string => `hermod.observation.${partition}.>`,
  /** All that the watcher of one cluster may publish. */
  observationsOfCluster: (cluster: string): string => `hermod.observation.*.${escapeToken(cluster)}.>`,
  rollouts: 'hermod.rollout.>',
  rolloutsOf: (partition: number): string => `hermod.rollout.${partition}.>`,
  deliveries: 'hermod.delivery.>',
  deadLetters: 'hermod.dead-letter.>',
  /** Where the KV bucket `rollouts` is republished for plain subscribers. */
  states: 'hermod.state.>',
} as const

/** `hermod.observation.<p>.<cluster>.<namespace>.<name>` */
export function observationSubject(deployment: DeploymentName, partitions: number): string {
  return `hermod.observation.${deploymentKey(deployment, partitions)}`
}

/**
 * `hermod.observation.<p>.<cluster>._snapshot`: markers of snapshots and of namespaces that left the scope,
 * one in every partition. No escaped token is `_snapshot`, so no Deployment shares the subject.
 */
export function snapshotSubject(cluster: string, partition: number): string {
  return `hermod.observation.${partition}.${escapeToken(cluster)}._snapshot`
}

/** `hermod.rollout.<p>.<cluster>.<namespace>.<name>.<kind>` */
export function rolloutSubject(deployment: DeploymentName, kind: string, partitions: number): string {
  return `hermod.rollout.${deploymentKey(deployment, partitions)}.${escapeToken(kind)}`
}

/** `hermod.delivery.<p>.<cluster>.<namespace>.<name>` */
export function deliverySubject(deployment: DeploymentName, partitions: number): string {
  return `hermod.delivery.${deploymentKey(deployment, partitions)}`
}

/** `hermod.dead-letter.<service>.<stream>` */
export function deadLetterSubject(service: string, stream: string): string {
  return `hermod.dead-letter.${escapeToken(service)}.${escapeToken(stream)}`
}

/** `<p>.<cluster>.<namespace>.<name>`: the key in the buckets `rollouts` and `specs`. */
export function deploymentKey(deployment: DeploymentName, partitions: number): string {
  const { cluster, namespace, name } = deployment
  const tokens = [cluster, namespace, name].map(escapeToken)
  return [partitionOf(deployment, partitions), ...tokens].join('.')
}

/** Reads the Deployment back out of a `deploymentKey`; undefined for anything else. */
export function parseDeploymentKey(
  key: string,
): (DeploymentName & { readonly partition: number }) | undefined {
  const [partition, ...tokens] = key.split('.')
  const [cluster, namespace, name] = tokens.map(unescapeToken)
  if (tokens.length !== 3 || cluster === undefined || namespace === undefined || name === undefined)
    return undefined
  if (partition === undefined || !/^\d+$/.test(partition)) return undefined
  return { partition: Number(partition), cluster, namespace, name }
}

const plain = /^[A-Za-z0-9-]+$/

/**
 * Turns any text into one token that is legal in a subject and in a KV key, and no two texts into the same:
 * `[A-Za-z0-9-]` stay, every other UTF-8 byte becomes `_hh`, the empty text becomes `_`.
 * Throws a RangeError for a lone surrogate, which has no UTF-8 form of its own.
 */
export function escapeToken(text: string): string {
  if (plain.test(text)) return text
  if (!text.isWellFormed()) throw new RangeError(`${JSON.stringify(text)} is not well-formed Unicode`)
  if (text === '') return '_'
  let token = ''
  for (const byte of new TextEncoder().encode(text)) {
    const character = String.fromCharCode(byte)
    token += plain.test(character) ? character : `_${byte.toString(16).padStart(2, '0')}`
  }
  return token
}

/** The inverse of `escapeToken`; undefined for a token it never makes. */
export function unescapeToken(token: string): string | undefined {
  if (token === '_') return ''
  if (!/^(?:[A-Za-z0-9-]|_[0-9a-f]{2})+$/.test(token)) return undefined
  const bytes = token.match(/_[0-9a-f]{2}|./g) ?? []
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(
    Uint8Array.from(bytes, (piece) =>
      piece.length === 3 ? Number.parseInt(piece.slice(1), 16) : piece.charCodeAt(0),
    ),
  )
  return escapeToken(text) === token ? text : undefined
}
