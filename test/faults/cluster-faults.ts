/** What goes wrong with the cluster, and with who watches it. */
import {
  contracts,
  crashPoints,
  dedupe,
  type Fault,
  fuzzed,
  kills,
  notifier,
  order,
  outages,
  recorded,
  reflector,
  reflectorState,
  simulated,
  watcher,
} from './fault.ts'

export const clusterFaults: readonly Fault[] = [
  {
    number: 1,
    fault: 'A watch is half-open: nothing comes, nobody says so',
    promise: 'noticed within 27 s, resumed, nothing lost',
    shownBy: [
      [reflector, 'a link that swallows everything'],
      [`${watcher}/api-health.test.ts`, 'a silence has lasted long enough'],
      [outages, 'to the API server are half-open'],
      simulated,
    ],
  },
  {
    number: 2,
    fault: '410 Gone',
    promise: 'a new list, held against what was known; what was missed is told once',
    shownBy: [
      [reflector, 'killed and started again ends in a new list'],
      [reflector, 'every state that was told is one of the history'],
      simulated,
    ],
  },
  {
    number: 3,
    fault: 'The API server restarts, resets, answers 429, 500, 503',
    promise: 'backs off with jitter up to 30 s, never stops, asks for no more than 50 requests a second',
    shownBy: [
      [reflectorState, 'growing jitter up to 30 s'],
      [`${watcher}/api-server/reflector.test.ts`, 'breaks off late each time'],
      [`${watcher}/watcher-faults.integration.test.ts`, 'costs no result'],
      [outages, 'the API server is killed'],
      simulated,
    ],
  },
  {
    number: 4,
    fault: 'A stale API server: generations go back',
    promise: 'what is older is ignored; an old state is never told, unless etcd was restored',
    shownBy: [
      [order, 'etcd was restored to'],
      [order, 'one newer observation proves'],
    ],
  },
  {
    number: 5,
    fault: 'A watch loses an event',
    promise: 'a list every ten minutes heals it; an open rollout is looked at every 15 s',
    shownBy: [
      [reflectorState, 'every ten minutes a list is compared'],
      [`${watcher}/api-server/reflector.test.ts`, 'it ends in the state of the server'],
    ],
  },
  {
    number: 6,
    fault: 'Lines of a watch are cut, mixed, endless or no text',
    promise: 'the stream is dropped and listed anew; memory stays bounded',
    shownBy: [
      [`${watcher}/api-server/line-splitter.test.ts`, 'a line without end'],
      [reflectorState, 'a line that stays malformed'],
      fuzzed,
    ],
  },
  {
    number: 7,
    fault: 'Rights are withdrawn, a token expires',
    promise: 'not ready, told, and well again by itself',
    shownBy: [
      [reflector, 'rights that are withdrawn'],
      [reflector, 'a token that was replaced'],
      [`${watcher}/watch-namespaces.test.ts`, 'nothing is told before the annotations'],
    ],
  },
  {
    number: 8,
    fault: 'The watcher is killed between an event and its publish',
    promise: 'the next one tells it from its list',
    shownBy: [simulated, crashPoints, kills],
  },
  {
    number: 9,
    fault: 'The watcher is killed after a publish',
    promise: 'the same thing said again changes nothing',
    shownBy: [
      [`${dedupe}/rollout/disorder.test.ts`, 'repeated, dropped and shuffled'],
      simulated,
      crashPoints,
    ],
  },
  {
    number: 10,
    fault: 'Two watchers at once',
    promise: 'nothing is said twice',
    shownBy: [simulated],
  },
  {
    number: 37,
    fault: 'A namespace is deleted in the middle of a rollout',
    promise: 'its cards are closed, its state forgotten',
    shownBy: [
      [`${watcher}/scope.test.ts`, 'a namespace that is deleted leaves'],
      [`${dedupe}/service.integration.test.ts`, 'a namespace that leaves the scope'],
    ],
  },
  {
    number: 38,
    fault: 'A Deployment is deleted and made anew, unseen too',
    promise: 'the old one ends as deleted, the new one is new',
    shownBy: [
      [`${watcher}/watcher.integration.test.ts`, 'deleted and made anew under its name'],
      [order, 'a uid that was replaced'],
      simulated,
    ],
  },
  {
    number: 39,
    fault: 'A rollout is overtaken',
    promise: 'closed as overtaken, with a link to the next',
    shownBy: [[`${notifier}/card-life.integration.test.ts`, 'that was overtaken closes'], simulated],
  },
  {
    number: 40,
    fault: 'A rollback',
    promise: 'told as one, with its revision',
    shownBy: [[`${dedupe}/rollout/change.test.ts`, 'is a rollback to the revision'], simulated],
  },
  {
    number: 41,
    fault: 'Paused and resumed',
    promise: 'neither failed nor done',
    shownBy: [[recorded, '${what}'], simulated],
  },
  {
    number: 42,
    fault: 'Scaling, status, annotations',
    promise: 'silence',
    shownBy: [
      ['test/pipeline/rollouts.pipeline.test.ts', 'scaling, an annotation and the loss of a pod'],
      simulated,
    ],
  },
  {
    number: 43,
    fault: 'No replicas, no conditions, fields that are missing',
    promise: 'right and calm',
    shownBy: [
      [`${watcher}/deployment/observe.test.ts`, 'zero replicas are complete'],
      [`${watcher}/deployment/observe.test.ts`, 'what a Deployment lacks'],
      fuzzed,
    ],
  },
  {
    number: 44,
    fault: 'The deadline passes, a quota refuses, and it recovers',
    promise: 'one failure, then one recovery, from conditions of its own alone',
    shownBy: [
      [`${dedupe}/rollout/real-controller.integration.test.ts`, 'told in the right words'],
      [`${dedupe}/rollout/conditions.test.ts`, 'misleads at no moment'],
      simulated,
    ],
  },
  {
    number: 45,
    fault: 'Names of 253 characters, names like `constructor`',
    promise: 'names like any other',
    shownBy: [
      [`${contracts}/subjects.test.ts`, 'no two Deployments share'],
      [`${dedupe}/cache/cache-file.test.ts`, 'comes back as it was written, whatever the names'],
    ],
  },
]
