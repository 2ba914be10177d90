import type { ContainerFacts } from '@hermod/contracts'

/** Equal in everything that may be said in clear. */
export function sameContainers(one: readonly ContainerFacts[], other: readonly ContainerFacts[]): boolean {
  if (one === other) return true
  if (one.length !== other.length) return false
  return one.every((container, index) => {
    const counterpart = other[index]
    return counterpart !== undefined && sameData(container, counterpart)
  })
}

/** Deep equality of JSON data, whatever the order of its keys; an absent field equals an undefined one. */
export function sameData(one: unknown, other: unknown): boolean {
  if (one === other) return true
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false
  if (Array.isArray(one) !== Array.isArray(other)) return false
  const [a, b] = [one as Record<string, unknown>, other as Record<string, unknown>]
  return (
    Object.keys(a).every((key) => sameData(a[key], b[key])) &&
    Object.keys(b).every((key) => b[key] === undefined || a[key] !== undefined)
  )
}
