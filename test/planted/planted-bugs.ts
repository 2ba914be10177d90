/**
 * Mistakes that somebody could make, each by one changed place in the sources. The checks are checked by them: every
 * one must be found, by the simulation or by the test that is named. `main.ts` does it.
 */
import type { Change } from '../simulation/replaced-modules.ts'

export interface PlantedBug extends Change {
  readonly name: string
  /** A test file; without one the simulation has to find it. */
  readonly foundBy?: string
}

const rollout = 'services/dedupe/src/rollout'
const notification = 'services/notifier/src/notification'

export const plantedBugs: readonly PlantedBug[] = [
  // Found by what people read in simulated runs.
  {
    name: 'a post whose answer was lost is sent again at once',
    file: 'services/notifier/src/channel-sender.ts',
    from: 'lookup.later(open, intent, context.readBackWaitMs)',
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
    from: 'lookup.later(open, intent, context.readBackWaitMs)',
    to: 'lookup.later(open, intent, 1)',
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
    file: `${rollout}/decide.ts`,
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
  // Found by the tests beside the sources.
  {
    name: 'a name may begin a link',
    file: `${notification}/escape.ts`,
    from: ".replaceAll('<', '&lt;')",
    to: '',
    foundBy: `${notification}/escape.test.ts`,
  },
  {
    name: 'a link may lead to an address',
    file: `${notification}/links.ts`,
    from: "if (hostname.startsWith('[') || /^[\\d.]+$/.test(hostname)) return undefined",
    to: '',
    foundBy: `${notification}/links.test.ts`,
  },
  {
    name: 'a link may be http',
    file: `${notification}/links.ts`,
    from: "url?.protocol !== 'https:' || ",
    to: 'url === null || ',
    foundBy: `${notification}/links.test.ts`,
  },
  {
    name: 'a Deployment names a channel though none are allowed',
    file: `${notification}/route.ts`,
    from: '...(settings.channelsAllowed === undefined',
    to: '...(settings.channelsAllowed?.length === -1',
    foundBy: `${notification}/route.test.ts`,
  },
  {
    name: 'one channel that is refused stops nobody else',
    file: `${notification}/budgets.ts`,
    from: 'if (others.length > 0) this',
    to: 'if (others.length > 9) this',
    foundBy: `${notification}/budgets.test.ts`,
  },
  {
    name: 'an outage wears a message out',
    file: 'packages/jetstream/src/settlement.ts',
    from: 'return !(attempt.error instanceof Unavailable || attempt.error instanceof NewerVersion)',
    to: 'return true',
    foundBy: 'packages/jetstream/src/settlement.test.ts',
  },
  {
    name: 'a message of a newer release is poison',
    file: 'packages/contracts/src/parsed.ts',
    from: "if (version !== undefined && version > newestVersion) return { kind: 'newer', version }",
    to: '',
    foundBy: 'packages/contracts/src/parsers.test.ts',
  },
  {
    name: 'two names make one subject',
    file: 'packages/contracts/src/subjects.ts',
    from: "token += plain.test(character) ? character : `_${byte.toString(16).padStart(2, '0')}`",
    to: "token += plain.test(character) ? character : '_'",
    foundBy: 'packages/contracts/src/subjects.test.ts',
  },
  {
    name: 'a cache file without its events is an empty one',
    file: 'services/dedupe/src/cache/cache-file.ts',
    from: "if (!isObject(events)) return { kind: 'unparsable', problem: 'it has no object \"events\"' }",
    to: "if (!isObject(events)) return { kind: 'ok', entries: new Map() }",
    foundBy: 'services/dedupe/src/cache/cache-file.test.ts',
  },
  {
    name: 'a Slack token stands in the log',
    file: 'packages/runtime/src/scrubber.ts',
    from: '[/\\bx(?:ox[a-z]|app)[.-][\\w.-]{6,}/g, mask],',
    to: '',
    foundBy: 'packages/runtime/src/scrubber.test.ts',
  },
  {
    name: 'a line of a watch may be cut in the middle of a character',
    file: 'services/watcher/src/api-server/line-splitter.ts',
    from: 'if (this.#held === 0) return last',
    to: 'if (this.#held >= 0) return last',
    foundBy: 'services/watcher/src/api-server/line-splitter.test.ts',
  },
  {
    name: 'a 410 is answered by the same request again',
    file: 'services/watcher/src/api-server/reflector-state.ts',
    from: "return failing(state.activity === 'watch' ? listing : state.activity)",
    to: 'return failing(state.activity)',
    foundBy: 'services/watcher/src/api-server/reflector-state.test.ts',
  },
  {
    name: 'the hash that a controller adds makes another template',
    file: 'services/watcher/src/deployment/template-digest.ts',
    from: 'const { [podTemplateHash]: _, ...labels } = template.metadata?.labels ?? {}',
    to: 'const { ...labels } = template.metadata?.labels ?? {}',
    foundBy: 'services/watcher/src/deployment/template-digest.test.ts',
  },
  {
    name: 'a uid that is gone may come back',
    file: `${rollout}/order.ts`,
    from: "if (tracked.past.goneUids.includes(seen.uid)) return 'gone'",
    to: '',
    foundBy: `${rollout}/order.test.ts`,
  },
  {
    name: 'an older observation counts',
    file: `${rollout}/order.ts`,
    from: "return ahead >= 0 || seen.deleted ? 'current' : 'older'",
    to: "return 'current'",
    foundBy: `${rollout}/order.test.ts`,
  },
  {
    name: 'one crash is a crash loop',
    file: `${rollout}/early-verdict.ts`,
    from: "reasons: ['CrashLoopBackOff', 'Error', 'OOMKilled', 'Completed', 'StartError'],\n    restarts: 2,",
    to: "reasons: ['CrashLoopBackOff', 'Error', 'OOMKilled', 'Completed', 'StartError'],\n    restarts: 0,",
    foundBy: `${rollout}/early-verdict.test.ts`,
  },
  {
    name: 'a card that was settled lately counts as open',
    file: 'services/notifier/src/card-store.ts',
    from: 'for (const mark of listed) if (await marks.load(mark, signal)) open.add(mark)',
    to: 'for (const mark of listed) open.add(mark)',
    foundBy: 'services/notifier/src/card-store.test.ts',
  },
  {
    name: 'what the cache knows is a baseline before it was compared',
    file: `${rollout}/baseline.ts`,
    from: "return around.cached === 'incomparable' && firstSight(seen, around) !== 'announced'",
    to: 'return false',
    foundBy: `${rollout}/baseline.test.ts`,
  },
  {
    name: 'a result without a spec takes its entry out of the cache at once',
    file: 'services/dedupe/src/cache-writer.ts',
    from: "if (spec === undefined && newest === undefined && kind !== 'deleted') return { kind: 'done' }",
    to: '',
    foundBy: 'services/dedupe/src/cache-writer.test.ts',
  },
]
