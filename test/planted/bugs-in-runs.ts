// Found by what people read in simulated runs, and by tests that play whole crashes.
import type { PlantedBug } from './planted-bugs.ts'

const rollout = 'services/dedupe/src/rollout'
const notification = 'services/notifier/src/notification'

export const bugsInRuns: readonly PlantedBug[] = [
  {
    name: 'a post whose answer was lost is sent again at once',
    file: 'services/notifier/src/channel-sender.ts',
    from: "lookup.later(open, { kind: 'settle', intent }, context.readBackWaitMs)",
    to: 'await this.#change(open, notPosted(intent))',
  },
  {
    name: 'a new sender forgets the posts of the one before',
    file: `${notification}/plan.ts`,
    from: "if (place.intent) return { kind: 'settle', intent: place.intent }",
    to: '',
  },
  {
    name: 'Slack is asked for a lost post before it can show it',
    file: 'services/notifier/src/channel-sender.ts',
    from: "lookup.later(open, { kind: 'settle', intent }, context.readBackWaitMs)",
    to: "lookup.later(open, { kind: 'settle', intent }, 1)",
  },
  {
    name: 'HTTP 500 counts as not posted',
    file: `${notification}/slack-verdict.ts`,
    from: "return status >= 500 || status < 300 ? { kind: 'unknown', reason } : { kind: 'retry', reason }",
    to: "return { kind: 'retry', reason }",
  },
  {
    name: 'a broken connection counts as not posted',
    file: `${notification}/slack-verdict.ts`,
    from: "return { kind: neverSent.has(reason) ? 'retry' : 'unknown', reason }",
    to: "return { kind: 'retry', reason }",
  },
  {
    name: 'an open card is not remembered over a restart',
    file: 'services/notifier/src/take-in-transitions.ts',
    from: 'store.markOpen(key, Object.keys(card.places)), ',
    to: '',
  },
  {
    name: 'the condition of the rollout before is believed',
    file: `${rollout}/conditions.ts`,
    from: 'return inherited !== undefined && fingerprint(condition) === inherited ? undefined : condition',
    to: 'return condition',
    foundBy: `${rollout}/conditions.test.ts`,
  },
  {
    name: 'the counters are believed before the controller has looked',
    file: `${rollout}/rollout-status.ts`,
    from: 'if (seen.observedGeneration < seen.generation) {',
    to: 'if (seen.observedGeneration < 0) {',
  },
  {
    name: 'old pods that are still there do not matter',
    file: `${rollout}/rollout-status.ts`,
    from: 'return updated === wanted && total === updated && available === wanted',
    to: 'return updated === wanted',
  },
  {
    name: 'what failed stays failed',
    file: `${rollout}/next-phase.ts`,
    from: "if (phase === 'failed' && done) return",
    to: "if (phase === 'failed' && done && nowMs < 0) return",
  },
  {
    name: 'what is complete from the start is announced',
    file: `${rollout}/baseline.ts`,
    from: "if (seen.observedGeneration >= seen.generation && isComplete(seen.replicas)) return 'baseline'",
    to: "if (seen.observedGeneration >= seen.generation && isComplete(seen.replicas)) return 'announced'",
  },
  {
    name: 'every new generation is a rollout',
    file: `${rollout}/template.ts`,
    from: "return known.digest === seen.template.digest ? 'same' : 'changed'",
    to: "return 'changed'",
  },
  {
    name: 'the controller is not believed when it gives up',
    file: `${rollout}/rollout-status.ts`,
    from: "if (progressing?.reason === 'ProgressDeadlineExceeded') {",
    to: "if (progressing?.reason === 'NeverSaid') {",
  },
  {
    name: 'a Deployment that is deleted is not told',
    file: `${rollout}/rollout-state-machine.ts`,
    from: 'if (seen.deleted) return deleted(tracked, seen, nowMs)',
    to: "if (seen.deleted) return silently(tracked, 'noted')",
  },
  {
    name: 'a transition is acknowledged before it is taken in',
    file: 'packages/jetstream/src/consume.ts',
    from: 'return await unlessAborted(handle(parsed.value, delivery, graceOver), graceOver)',
    to: "void handle(parsed.value, delivery, graceOver).catch(() => undefined)\n      return { kind: 'done' }",
    foundBy: 'packages/jetstream/src/consume.integration.test.ts',
  },
  {
    name: 'a write names no revision that it rests on',
    file: 'packages/jetstream/src/kv-store.ts',
    from: '...(revision !== undefined && { expect: { lastSubjectSequence: revision } }),',
    to: '',
    foundBy: 'packages/jetstream/src/kv-store.integration.test.ts',
  },
  {
    name: 'the outbox of whoever died is left where it is',
    file: 'services/dedupe/src/track-rollouts.ts',
    from: 'if (held) await publish(held.outbox, signal)',
    to: '',
    foundBy: 'services/dedupe/src/crash-points.integration.test.ts',
  },
  {
    name: 'what dedupe has decided is stored and not said',
    file: 'services/dedupe/src/track-rollouts.ts',
    from: 'await publish(transitions, signal)\n    store.emptyOutboxLater(saved)',
    to: 'store.emptyOutboxLater(saved)',
  },
  {
    name: 'a watch that was cut off is opened anew from now',
    file: 'services/watcher/src/api-server/known-objects.ts',
    from: "return gone.map(([, identity]) => ({ kind: 'deleted', identity }))",
    to: 'return []',
  },
  {
    name: 'a dead watch is waited for',
    file: 'services/watcher/src/api-server/reflector.ts',
    from: 'timeoutSeconds: 25, graceMs: 2_000',
    to: 'timeoutSeconds: 3_600, graceMs: 2_000',
  },
  {
    name: 'a result is done before the cache holds it',
    file: 'services/dedupe/src/cache-writer.ts',
    from: "return problem === undefined ? { kind: 'done' } : { kind: 'retry', reason: problem, afterMs: retryMs }",
    to: "return { kind: 'done' }",
  },
  {
    name: 'the cache takes back what was told later',
    file: 'services/dedupe/src/cache-writer.ts',
    from: "if (newest && isOvertaken(kind, rollout, newest)) return { kind: 'done' }",
    to: '',
  },
  {
    name: 'what NATS has lost is posted anew',
    file: `${notification}/take-in.ts`,
    from: 'const isUnsure = knownMs < rememberedSince - clockGrainMs',
    to: 'const isUnsure = false',
  },
  {
    name: 'nobody notices that NATS lost its last writes',
    file: 'services/notifier/src/memory.ts',
    from: 'const isSetBack = (await bucket.newest(signal)) < seenBefore',
    to: 'const isSetBack = false',
  },
  {
    name: 'what has to be looked for during an edit is not looked for after it',
    file: 'services/notifier/src/channel-worker.ts',
    from: "if (open.need.kind === 'seek') this.#lookUp(open)",
    to: '',
    foundBy: 'services/notifier/src/memory.integration.test.ts',
  },
]
