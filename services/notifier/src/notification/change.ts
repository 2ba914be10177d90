import type { Change, EnvChange, Rollout } from '@hermod/contracts'
import { plainText, withColon } from './escape.ts'
import { firstImage, imageVersion, versionStep } from './image-version.ts'

const classNames: Readonly<Record<Change['classes'][number], string>> = {
  'new-image': 'new image',
  config: 'configuration',
  resources: 'resources',
  restart: 'restart',
  rollback: 'rollback',
  'new-deployment': 'new Deployment',
}

const mostItems = 12

/** What kind of change it is, in the fewest words: `new image 2.4.0 → 2.4.1, configuration`. */
export function changeSummary({ change }: Rollout, withVersions: boolean): string {
  if (change.classes.length === 0) return 'first seen on its way'
  const image = change.images.find(({ from, to }) => from !== undefined && to !== undefined)
  const names = change.classes.map((each) => {
    if (each !== 'new-image' || !withVersions || image === undefined) return classNames[each]
    const { from, to } = versionStep(image)
    return `${classNames[each]} ${plainText(from, 80)} → ${plainText(to, 80)}`
  })
  return names.join(', ')
}

/** Everything that differs from the last version that worked; undefined when nothing is known to. */
export function changedLine({ change, lastGood }: Rollout): string | undefined {
  const items = [
    ...change.images.map(imageItem),
    ...change.resources.map(({ container, bound, resource, from, to }) =>
      of(change, container, `${resource} ${bound} ${from ?? 'none'} → ${to ?? 'none'}`),
    ),
    ...change.env.flatMap((each) => envItems(change, each)),
    ...change.otherAspects.map((aspect) => aspect.split('/').toReversed().join(' ')),
  ]
  if (items.length === 0) return undefined
  const shown = items.slice(0, mostItems).map((item) => plainText(item, 120))
  const more = items.length > mostItems ? `, and ${items.length - mostItems} more` : ''
  const image = lastGood && firstImage(lastGood.containers)
  const since =
    image === undefined ? 'Changed' : `Changed since the last good ${plainText(imageVersion(image), 80)}`
  return `${withColon(since)} ${shown.join(', ')}${more}`
}

function imageItem(image: Change['images'][number]): string {
  if (image.from === undefined) return `container +${image.container}`
  if (image.to === undefined) return `container -${image.container}`
  const { from, to } = versionStep(image)
  return `image ${from} → ${to}`
}

function envItems(change: Change, { container, added, removed, valuesChanged }: EnvChange): string[] {
  const names = [...added.map((name) => `+${name}`), ...removed.map((name) => `-${name}`)]
  const shown = names.length > 4 ? [...names.slice(0, 4), `${names.length - 4} more`] : names
  const words = [...shown, ...(valuesChanged && names.length === 0 ? ['values'] : [])]
  return words.length === 0 ? [] : [of(change, container, `env ${words.join(' ')}`)]
}

/** The container is named only where several changed. */
function of({ images, env, resources }: Change, container: string, item: string): string {
  const all = new Set([...images, ...env, ...resources].map((each) => each.container))
  return all.size > 1 ? `${container} ${item}` : item
}
