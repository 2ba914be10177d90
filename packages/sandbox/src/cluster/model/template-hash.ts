import type { PodTemplate } from './objects.ts'

// Kubernetes v1.36.3 staging/src/k8s.io/apimachinery/pkg/util/rand/rand.go: no vowels, nothing easily misread.
export const safeLetters = 'bcdfghjklmnpqrstvwxz2456789'

/**
 * The pod-template-hash: equal for equal templates, as in pkg/controller/controller_utils.go ComputeHash. The digits
 * differ from the real ones, which hash Go's own print of the template.
 */
export function templateHash(template: PodTemplate, collisionCount: number | undefined): string {
  return hashOf(`${canonical(template)}${collisionCount ?? ''}`)
}

/** FNV-1a 32, in letters that an object's name may bear. */
export function hashOf(text: string): string {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return String(hash).replaceAll(/./g, (digit) =>
    safeLetters.charAt(digit.charCodeAt(0) % safeLetters.length),
  )
}

/** JSON with the keys of each object in order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
}
