/** What goes wrong with NATS, and with who reads it. */
import {
  consume,
  crashPoints,
  dedupe,
  type Fault,
  jetstream,
  kills,
  notifier,
  outages,
  powerCuts,
  simulated,
  watcher,
} from './fault.ts'

export const brokerFaults: readonly Fault[] = [
  {
    number: 11,
    fault: 'nats-server is killed during a publish',
    promise: 'stored once, with the same id',
    shownBy: [
      [`${jetstream}/publish.integration.test.ts`, 'stores once what was published'],
      [`${jetstream}/server-kills.integration.test.ts`, 'thirty kills'],
      simulated,
      kills,
    ],
  },
  {
    number: 12,
    fault: 'Power cut of NATS that syncs each write',
    promise: 'nothing is lost',
    shownBy: [[powerCuts, 'that flushes each write']],
  },
  {
    number: 13,
    fault: 'Power cut of NATS that does not sync: streams and states are gone',
    promise:
      'made anew within 15 s; what is under way gets its result on the card that stands, what had ended is not told again',
    shownBy: [
      [`${watcher}/watcher-faults.integration.test.ts`, 'a stream that was lost and made anew'],
      [`${dedupe}/service.integration.test.ts`, 'with the state lost'],
      [`${dedupe}/service.integration.test.ts`, 'with the streams lost'],
      [`${dedupe}/cache.integration.test.ts`, 'when Slack has its result'],
      [`${notifier}/memory.integration.test.ts`, 'goes on there'],
      [`${jetstream}/provision.integration.test.ts`, 'a stream that is lost is made again'],
      simulated,
      [powerCuts, 'that does not flush'],
    ],
  },
  {
    number: 14,
    fault: 'The disk of NATS is full',
    promise: 'waited for, told, not ready',
    shownBy: [
      [`${jetstream}/provision-teller.test.ts`, 'over 70 %'],
      [powerCuts, 'the disk of NATS is full'],
    ],
  },
  {
    number: 15,
    fault: 'A stream is full',
    promise: 'waited for and told; nothing is dropped',
    shownBy: [[`${jetstream}/publish.integration.test.ts`, 'waits out a full stream']],
  },
  {
    number: 16,
    fault: 'An id is used again after the window of duplicates',
    promise: 'dedupe and cards know by their own state what was said',
    shownBy: [
      [`${notifier}/notification/take-in.test.ts`, 'whatever order and however often'],
      [`${dedupe}/crash-points.integration.test.ts`, 'loses no transition and repeats none'],
    ],
  },
  {
    number: 17,
    fault: 'The link to NATS is half-open, the server frozen',
    promise: 'noticed, dialled again, nothing lost',
    shownBy: [
      [`${jetstream}/connect.integration.test.ts`, 'a frozen server is noticed'],
      [consume, 'falls silent'],
      [outages, 'nats-server is frozen'],
      [outages, 'the links to NATS'],
      simulated,
    ],
  },
  {
    number: 18,
    fault: 'NATS is away at the start or for long',
    promise: 'waited for; alive, not ready',
    shownBy: [
      ['test/pipeline/waiting.pipeline.test.ts', 'waits for a NATS that is not there yet'],
      [`${jetstream}/connect.integration.test.ts`, 'waits for a server'],
    ],
  },
  {
    number: 19,
    fault: 'A handler is slower than its acknowledgement may be',
    promise: 'nobody else gets its message',
    shownBy: [[consume, 'slower than ack_wait']],
  },
  {
    number: 20,
    fault: 'A poisonous message',
    promise: 'kept as a dead letter with its reason; the rest flows',
    shownBy: [
      [consume, 'a message that always throws'],
      ['test/pipeline/rollouts.pipeline.test.ts', 'a message that does not parse'],
    ],
  },
  {
    number: 21,
    fault: 'A consumer is deleted, a stream changed, a right missing',
    promise: 'mended, or refused with the difference and the remedy',
    shownBy: [
      [consume, 'its consumer was deleted'],
      [`${jetstream}/provision.integration.test.ts`, 'mends limits'],
      [`${jetstream}/connect.integration.test.ts`, 'a right that is missing'],
    ],
  },
  {
    number: 22,
    fault: 'Dedupe is killed after a publish',
    promise: 'the same id again: nothing is said twice',
    shownBy: [
      [`${dedupe}/crash-points.integration.test.ts`, 'killed before or after any of its I/O'],
      simulated,
      crashPoints,
      kills,
    ],
  },
  {
    number: 23,
    fault: 'Dedupe is killed after its state was stored',
    promise: 'whoever comes next publishes what was stored with it',
    shownBy: [
      [`${dedupe}/crash-points.integration.test.ts`, 'what a replica stored and did not publish'],
      simulated,
      crashPoints,
    ],
  },
  {
    number: 24,
    fault: 'Two replicas of dedupe at once',
    promise: 'everything once and in order',
    shownBy: [
      [`${dedupe}/service.integration.test.ts`, 'two replicas share the work'],
      [`${dedupe}/crash-points.integration.test.ts`, 'two replicas that are given the same'],
      simulated,
    ],
  },
]
