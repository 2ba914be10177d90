/** What goes wrong with Artifactory, Slack and the clock. */
import {
  crashPoints,
  dedupe,
  type Fault,
  fuzzed,
  jetstream,
  kills,
  longTroubles,
  notifier,
  order,
  outages,
  simulated,
  slackFaults,
} from './fault.ts'

export const outsideFaults: readonly Fault[] = [
  {
    number: 25,
    fault: 'Artifactory fails, resets, hangs',
    promise: 'goes on without; a miss is not "empty"',
    shownBy: [
      [`${dedupe}/artifactory-client.integration.test.ts`, 'for an empty file'],
      [`${dedupe}/cache.integration.test.ts`, 'while Artifactory is away'],
      [`${dedupe}/cache.integration.test.ts`, 'hangs holds up the start once'],
    ],
  },
  {
    number: 26,
    fault: 'Artifactory refuses to overwrite',
    promise: 'named before the first result',
    shownBy: [
      [`${dedupe}/cache.integration.test.ts`, 'may not overwrite'],
      [`${dedupe}/artifactory-client.integration.test.ts`, 'names the right that is missing'],
    ],
  },
  {
    number: 27,
    fault: 'The cache file is cut, corrupt, huge, of another form',
    promise: 'kept aside, never trusted, never a crash',
    shownBy: [
      [`${dedupe}/cache/cache-file.test.ts`, 'never throws and pollutes no prototype'],
      [`${dedupe}/cache.integration.test.ts`, 'cannot be parsed is kept aside'],
      fuzzed,
    ],
  },
  {
    number: 28,
    fault: 'Slack answers 429 for ten minutes',
    promise: 'that channel is asked once within each Retry-After; the others go on; order is kept',
    shownBy: [
      [longTroubles, 'one channel is limited for ten minutes'],
      [slackFaults, 'limits one channel'],
      [outages, 'Slack answers 429'],
      simulated,
    ],
  },
  {
    number: 29,
    fault: 'Slack answers 5xx, resets',
    promise: 'tried on for as long as it takes; each rollout is told once',
    shownBy: [
      [longTroubles, 'Slack is away for ten minutes'],
      [slackFaults, 'is down for a while'],
      [outages, 'Slack answers 429'],
      simulated,
    ],
  },
  {
    number: 30,
    fault: 'Slack takes a call and hangs',
    promise: 'given up after 10 s and looked for; nobody else waits',
    shownBy: [
      [longTroubles, 'one call hangs'],
      [slackFaults, 'hangs on one channel'],
      [outages, 'Slack answers 429'],
      simulated,
    ],
  },
  {
    number: 31,
    fault: 'Slack posts and the answer is lost',
    promise: 'looked for before anything is sent again',
    shownBy: [[slackFaults, 'posts and loses the answer'], [outages, 'Slack answers 429'], simulated],
  },
  {
    number: 32,
    fault: 'The notifier is killed between the post and its record',
    promise: 'the next one finds it; nothing is posted twice',
    shownBy: [[`${notifier}/crash-points.integration.test.ts`, 'while '], simulated, crashPoints, kills],
  },
  {
    number: 33,
    fault: 'The token is revoked',
    promise: 'sending stops, everything is kept, and goes on by itself',
    shownBy: [
      [slackFaults, 'rejects the token'],
      ['test/pipeline/waiting.pipeline.test.ts', 'a rejected token'],
      simulated,
    ],
  },
  {
    number: 34,
    fault: 'A channel is not there, archived, closed',
    promise: 'told once in the fallback channel; its cards are kept; nobody else waits',
    shownBy: [
      [slackFaults, 'does not know a channel'],
      [longTroubles, 'a channel takes nothing'],
    ],
  },
  {
    number: 35,
    fault: 'Slack refuses a message for its size or form',
    promise: 'fitted before it is sent; once smaller, then plain',
    shownBy: [
      [slackFaults, 'refuses a form'],
      [`${notifier}/notification/render.test.ts`, 'is well-formed, fits'],
    ],
  },
  {
    number: 36,
    fault: 'Clocks jump or differ',
    promise: 'waits go by the monotonic clock, order by the stream, texts by the cluster',
    shownBy: [
      [`${notifier}/notification/clock.test.ts`, 'a clock that goes back'],
      [order, 'is the time of the stream'],
      [`${jetstream}/lease.integration.test.ts`, 'frozen past its term'],
      [outages, 'the clocks of the services jump'],
    ],
  },
]
