import type { DeploymentName } from './subjects.ts'

/**
 * Which partition a Deployment belongs to: FNV-1a 32 bit over the UTF-8 of `cluster/namespace/name`, modulo
 * the number of partitions. Everything about one Deployment thus stays in one line, whoever works on it.
 */
export function partitionOf({ cluster, namespace, name }: DeploymentName, partitions: number): number {
  return fnv1a32(`${cluster}/${namespace}/${name}`) % partitions
}

// http://www.isthe.com/chongo/tech/comp/fnv/: offset basis and prime of the 32 bit variant.
function fnv1a32(text: string): number {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash
}
