// How soon people hear that an image is bad, or that what it starts crashes; and whether they hear why.
import { setTimeout as delay } from 'node:timers/promises'
import type { DeploymentKey } from '@hermod/testkit'
import { readAttempts } from '../oracle/api-history.ts'
import { imageOf } from '../pipeline/played-deployments.ts'
import { type Bed, now, type Rollout } from './bed.ts'
import type { Entrant } from './contender.ts'
import { type Cell, type Figure, quantile, seconds } from './figure.ts'
import { measuredPeers } from './measured-peers.ts'
import { type OpenRun, type Stage, startRun } from './stage.ts'
import { statesOf, type Told, untilTold, verdict, wordAt } from './told.ts'

const eachKind = 5
/** As the peers were measured; by default it would be 600. */
const usualDeadlineSeconds = 60
const shortDeadlineSeconds = 20

export async function measureBadWord(stage: Stage, entrant: Entrant): Promise<readonly Figure[]> {
  const bed = await stage.bed()
  const count = stage.size(eachKind)
  const deadlineSeconds = stage.small ? shortDeadlineSeconds : usualDeadlineSeconds
  const keys = (await bed.deployments(2 * count, 3)).slice(-2 * count)
  await using run = await startRun(bed, entrant)
  const rollOut = async (each: readonly DeploymentKey[], kind: string): Promise<readonly Rollout[]> =>
    await Promise.all(each.map((key) => bed.rollOut(key, kind, deadlineSeconds)))
  const bad = await rollOut(keys.slice(0, count), 'badimage')
  const crash = await rollOut(keys.slice(count), 'crash')
  await untilGivenUp(bed, run.sinceMs, keys.length, 2 * deadlineSeconds)
  const told = await untilTold(run)
  await bed.delete(keys)
  return [
    {
      what: `a bad image → the first bad word (median of ${bad.length})`,
      cell: firstBadWord(run, told, bad, [/ErrImagePull|ImagePullBackOff/, 'reason']),
      peers: measuredPeers.badImage,
    },
    {
      what: `a crash loop → the first bad word (median of ${crash.length})`,
      cell: firstBadWord(run, told, crash, [/exit code|CrashLoopBackOff/, 'reason']),
      peers: measuredPeers.crashLoop,
    },
    {
      what: `bad images and crash loops, to the deadline of ${deadlineSeconds} s: lost / doubled / wrong / late`,
      cell: verdict(told, keys.length),
      aim: { text: 'none', most: [0, 0, 0, 0] },
    },
  ]
}

async function untilGivenUp(
  { history }: Bed,
  sinceMs: number,
  count: number,
  withinSeconds: number,
): Promise<void> {
  const givenUp = (): number =>
    readAttempts(history, now()).filter(({ beganMs, failedMs }) => beganMs >= sinceMs && failedMs).length
  while (givenUp() < count && now() - sinceMs < withinSeconds * 1_000) await delay(500)
}

function firstBadWord(
  { slack }: OpenRun,
  told: Told,
  rollouts: readonly Rollout[],
  [pattern, what]: readonly [RegExp, string],
): Cell {
  const lags = rollouts.flatMap((rollout) => {
    const at = wordAt(statesOf(told, rollout), ['stuck', 'failed'])
    return at === undefined ? [] : [at - rollout.sentAt]
  })
  const { text, amounts = [] } = seconds(lags.length < rollouts.length ? undefined : quantile(lags, 0.5))
  const messages = slack.channels.flatMap(({ id }) => slack.messages(id)).map((each) => JSON.stringify(each))
  const everyMessage = (wanted: (rollout: Rollout) => RegExp | string): boolean =>
    rollouts.every((rollout) =>
      messages.some((message) => {
        const part = wanted(rollout)
        const isThere = typeof part === 'string' ? message.includes(part) : part.test(message)
        return message.includes(rollout.name) && isThere
      }),
    )
  const named = [
    ...(everyMessage(() => /\bapp\b/) ? ['container'] : []),
    ...(everyMessage(() => pattern) ? [what] : []),
    ...(everyMessage(({ name, tag }) => imageOf(name, tag)) ? ['image'] : []),
    ...(everyMessage(() => /exit code/) ? ['exit code'] : []),
  ]
  return { text: named.length > 0 ? `${text}; ${named.join(', ')}` : text, amounts }
}
