import type { ImageChange, Rollout } from '@hermod/contracts'

interface ImageReference {
  /** Last part of the path: `checkout`. */
  readonly name: string
  readonly tag?: string | undefined
  /** Twelve hex digits of it. */
  readonly digest?: string | undefined
}

function readImage(image: string): ImageReference {
  const [named = '', digest] = image.split('@', 2)
  const path = named.slice(named.lastIndexOf('/') + 1)
  const colon = path.indexOf(':')
  return {
    name: colon < 0 ? path : path.slice(0, colon),
    tag: colon < 0 ? undefined : path.slice(colon + 1),
    digest: digest?.slice(digest.indexOf(':') + 1).slice(0, 12),
  }
}

/** What people call this version: the tag, else the beginning of the digest, else `latest`. */
export function imageVersion(image: string): string {
  const { tag, digest } = readImage(image)
  return tag ?? digest ?? 'latest'
}

/** Two images, shortened to what tells them apart. */
export function versionStep({ from = '', to = '' }: ImageChange): { from: string; to: string } {
  const [before, after] = [readImage(from), readImage(to)]
  const spellings: ((image: ImageReference) => string | undefined)[] = [
    ({ tag, digest }) => tag ?? digest ?? 'latest',
    ({ digest }) => digest,
    ({ name, tag = 'latest' }) => `${name}:${tag}`,
  ]
  for (const spell of spellings) {
    const step = { from: spell(before) ?? '', to: spell(after) ?? '' }
    if (step.from !== '' && step.to !== '' && step.from !== step.to) return step
  }
  return { from, to }
}

/** The version that a card is about: of the first container whose image changed, else of the first one. */
export function rolloutVersion({ change, containers }: Rollout): string | undefined {
  const changed = change.images.find((image) => image.to !== undefined)
  if (changed?.from !== undefined) return versionStep(changed).to
  const image = changed?.to ?? firstImage(containers)
  return image === undefined ? undefined : imageVersion(image)
}

/** The image of the first container that is no init container. */
export function firstImage(containers: Rollout['containers']): string | undefined {
  return (containers.find(({ role }) => role === 'container') ?? containers[0])?.image
}
