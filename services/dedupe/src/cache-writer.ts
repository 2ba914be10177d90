// Owns the writing of the cache files, one per namespace.
// W1. Only who holds the lease writes: Artifactory knows no conditional PUT, so the last of two would win.
// W2. An entry takes a template when Slack has that it came up, so a state that is lost before leaves none untold. Nobody may
//     tell it: then it takes it somewhat later.
// W3. A transition is done when the file holds it. What comes meanwhile goes into the next PUT of that namespace.
// W4. What NATS lost says nothing: an entry is given up for a result whose spec nobody has, not for one whose spec was
//     lost or is still to come.
// W5. A file that cannot be parsed is kept aside before it is replaced; one that cannot be read is left alone.
// W6. A failure is not the last word: were its template known, its recovery after a loss would be told to nobody. That its
//     Deployment is known has to stand there all the same: without any entry what becomes of it is a baseline.
import { deploymentKey, type Rollout, type RolloutTransition, type TransitionKind } from '@hermod/contracts'
import type { Bucket, Outcome, Term } from '@hermod/jetstream'
import { sleep } from '@hermod/runtime'
import type { ArtifactoryClient } from './artifactory-client.ts'
import {
  type CacheEntries,
  type CacheEntry,
  cacheFileName,
  parseCacheFile,
  writeCacheFile,
} from './cache/cache-file.ts'
import { isOpen } from './rollout/rollout.ts'
import type { SpecStore } from './spec-store.ts'
import type { StoredState } from './stored-rollout.ts'

export interface CacheWriterOptions {
  readonly client: ArtifactoryClient
  readonly specs: SpecStore
  readonly states: Bucket<StoredState>
  readonly ownNamespace: string
  /** The only one that is cached. */
  readonly cluster: string
  readonly partitions: number
  /** Told after each try to write. */
  readonly onTrouble: (reason: string | undefined) => void
  /** Ends when Slack has this transition, or when that need not be waited for any longer. */
  readonly untilTold: (
    transition: RolloutTransition,
    publishedMs: number,
    signal: AbortSignal,
  ) => Promise<void>
  readonly putEveryMs?: number
  /** Longest wait for a spec that a snapshot may still bring. */
  readonly specPatienceMs?: number
}

export interface CacheWriter {
  /** `publishedMs`: when the stream stored it, ms since 1970. */
  take(transition: RolloutTransition, publishedMs: number, term: Term, signal: AbortSignal): Promise<Outcome>
}

/** What becomes of an entry; without one its Deployment would be a baseline if the state were lost. */
type Change = (before: CacheEntry | undefined) => CacheEntry | undefined

interface Batch {
  readonly changes: Map<string, Change>
  /** What went wrong, if anything. */
  readonly written: Promise<string | undefined>
}

const retryMs = 2_000
const lookAgainMs = 250
const anotherWrites = 'another replica writes the cache now'
const results: ReadonlySet<TransitionKind> = new Set(['succeeded', 'recovered', 'failed', 'deleted'])
const noKnownTemplate: CacheEntry = { type: 'ADDED', spec: {} }

export function createCacheWriter(options: CacheWriterOptions): CacheWriter {
  const { client, specs, states, ownNamespace, cluster, partitions, onTrouble, untilTold } = options
  const { putEveryMs = 1_000, specPatienceMs = 10_000 } = options
  const open = new Map<string, Batch>()
  const busy = new Map<string, Promise<void>>()

  const write = async (
    namespace: string,
    changes: Batch['changes'],
    term: Term,
  ): Promise<string | undefined> => {
    const file = cacheFileName(ownNamespace, namespace)
    const found = await client.fetch(file, term.signal)
    if (found.kind === 'unavailable') return found.reason
    const parsed = parseCacheFile(found.kind === 'found' ? found.text : '{"events":{}}')
    if (found.kind === 'found' && parsed.kind === 'unparsable') {
      const aside = await client.store(`${file}.unparsable`, found.text, term.signal)
      if (aside.kind === 'unavailable') return aside.reason
    }
    const before: CacheEntries = parsed.kind === 'ok' ? parsed.entries : new Map()
    if (!term.valid()) return anotherWrites
    const stored = await client.store(file, writeCacheFile(changed(before, changes)), term.signal)
    return stored.kind === 'unavailable' ? stored.reason : undefined
  }

  const writeInTurn = async (
    namespace: string,
    changes: Batch['changes'],
    term: Term,
  ): Promise<string | undefined> => {
    await busy.get(namespace)
    open.delete(namespace)
    const turn = Promise.withResolvers<void>()
    busy.set(namespace, turn.promise)
    const problem = await write(namespace, changes, term).catch((error: unknown) => String(error))
    onTrouble(problem)
    void sleep(putEveryMs, term.signal).then(() => {
      if (busy.get(namespace) === turn.promise) busy.delete(namespace)
      turn.resolve()
    })
    return problem
  }

  const changeEntry = (
    namespace: string,
    name: string,
    edit: Change,
    term: Term,
  ): Promise<string | undefined> => {
    const known = open.get(namespace)
    const changes = known?.changes ?? new Map<string, Change>()
    changes.set(name, edit)
    const batch = known ?? { changes, written: writeInTurn(namespace, changes, term) }
    open.set(namespace, batch)
    return batch.written
  }

  // Found under way after a loss of NATS, it was seen by an event without its spec; the next snapshot carries it.
  const specOf = async (
    key: string,
    { uid, attempt, change: { classes } }: Rollout,
    signal: AbortSignal,
  ): ReturnType<SpecStore['load']> => {
    for (let waitedMs = 0; ; waitedMs += lookAgainMs) {
      const spec = await specs.load(key, { uid, attempt }, signal)
      if (spec !== undefined || classes.length > 0 || waitedMs >= specPatienceMs) return spec
      await sleep(lookAgainMs, signal)
    }
  }

  return {
    async take(transition, publishedMs, term, signal) {
      const { kind, rollout } = transition
      if (rollout.cluster !== cluster || !results.has(kind)) return { kind: 'done' }
      if (kind === 'failed')
        return outcomeOf(
          await changeEntry(rollout.namespace, rollout.name, (before) => before ?? noKnownTemplate, term),
        )
      await untilTold(transition, publishedMs, term.signal)
      if (term.signal.aborted) return { kind: 'retry', reason: anotherWrites, afterMs: retryMs }
      const { namespace, name } = rollout
      const key = deploymentKey(rollout, partitions)
      // In this order a loss of NATS between the two shows.
      const spec = await specOf(key, rollout, signal)
      const stored = (await states.load(key, signal))?.value
      const newest = stored?.rollout
      // Delivered again after a later result, it must not take the entry back.
      if (newest && isOvertaken(kind, rollout, newest)) return { kind: 'done' }
      const isKnown = newest?.uid === rollout.uid && newest.attempt === rollout.attempt
      if (spec === undefined && !isKnown && kind !== 'deleted') return { kind: 'done' }
      // Found anew since: this result went with the loss, told or not, and is told anew.
      if (isKnown && stored?.epoch !== transition.epoch) return { kind: 'done' }
      const added = rollout.change.classes.includes('new-deployment')
      const edit: Change =
        kind === 'deleted'
          ? (before) => (spec ?? before?.spec) && { type: 'DELETED', spec: spec ?? before?.spec ?? {} }
          : () => spec && { type: added ? 'ADDED' : 'MODIFIED', spec }
      return outcomeOf(await changeEntry(namespace, name, edit, term))
    },
  }
}

function outcomeOf(problem: string | undefined): Outcome {
  return problem === undefined ? { kind: 'done' } : { kind: 'retry', reason: problem, afterMs: retryMs }
}

/** Whether `newest`, which is stored before it is told, has a result of its own. */
function isOvertaken(kind: TransitionKind, { uid, attempt }: Rollout, newest: Rollout): boolean {
  if (isOpen(newest)) return false
  if (newest.uid !== uid || newest.attempt > attempt) return true
  return newest.phase === 'deleted' && kind !== 'deleted'
}

function changed(before: CacheEntries, changes: Batch['changes']): CacheEntries {
  const entries = new Map(before)
  for (const [name, edit] of changes) {
    const entry = edit(entries.get(name))
    if (entry) entries.set(name, entry)
    else entries.delete(name)
  }
  return entries
}
