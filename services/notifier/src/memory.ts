// Owns what is known of the bucket `cards` itself: since when it knows what was posted.
// E1. Since its first term, or since NATS lost it, or what it held last. Of what began before, Slack may hold messages
//     that no card speaks of.
// E2. NATS loses nothing under a link that stands: it is asked once for each, before anything else is written there; and
//     at the start of a term, since whoever held the lease before may have noticed a loss that nobody else could.
import { buckets, type Parsed, parseFields } from '@hermod/contracts'
import {
  type Bucket,
  type JetStreamConnection,
  MalformedEntry,
  openBucket,
  type Report,
} from '@hermod/jetstream'
import { ended } from '@hermod/runtime'
import { realTime, type Time } from './time.ts'

interface Since {
  readonly version: number
  /** RFC 3339. */
  readonly since: string
}

export interface Memory {
  /** Ends when it is known for the present link. */
  refresh(): Promise<void>
  /** Asks again, though it may be known. */
  renew(): Promise<void>
  /** In ms since 1970; as long as it is not known for the present link, nothing is. */
  readonly since: number
  /** When it was last asked, monotonic ms: whoever sent what the bucket lost had begun by then. */
  readonly askedAt: number
  /** The bucket has had a write of this revision. */
  readonly saw: (kvRevision: number) => void
}

export interface MemoryOptions {
  readonly bucket: Bucket<Since>
  readonly connection: Pick<JetStreamConnection, 'link' | 'whenConnected'>
  readonly time: Time
  readonly signal: AbortSignal
}

const key = 'since'

export function openMemory(
  connection: JetStreamConnection,
  { report, signal }: { readonly report: Report; readonly signal: AbortSignal },
): Memory {
  const bucket = openBucket({ connection, bucket: buckets.cards.name, parse: parseSince, report })
  return rememberIn({ bucket, connection, time: realTime, signal })
}

/** The memory of any bucket. */
export function rememberIn({ bucket, connection, time, signal }: MemoryOptions): Memory {
  let seen = 0
  let asked: { readonly link: AbortSignal; readonly at: number; readonly answer: Promise<void> } | undefined
  let known: { readonly link: AbortSignal; readonly since: number } | undefined

  const ask = async (link: AbortSignal): Promise<void> => {
    const seenBefore = seen
    const newest = await bucket.newest(signal)
    const isSetBack = newest < seenBefore
    const stored = await bucket.load(key, signal).catch(asLost)
    const mark: Since =
      stored?.value && !isSetBack ? stored.value : { version: 1, since: time.date().toISOString() }
    if (mark !== stored?.value) await bucket.save(key, mark, stored?.kvRevision, signal)
    // What an older link was told comes too late.
    if (connection.link !== link) return
    seen = isSetBack ? newest : Math.max(seen, newest)
    known = { link, since: Date.parse(mark.since) }
  }

  const renew = async (): Promise<void> => {
    asked = undefined
    await refresh()
  }

  const refresh = async (): Promise<void> => {
    const { link } = connection
    if (asked?.link !== link) asked = { link, at: time.now(), answer: ask(link) }
    await asked.answer
  }

  const followLinks = async (): Promise<void> => {
    while (!signal.aborted) {
      await connection.whenConnected(signal)
      const { link } = connection
      // Whoever needs the answer hears what is wrong with it.
      await refresh().catch(() => undefined)
      await ended(AbortSignal.any([link, signal]))
    }
  }
  followLinks().catch(() => undefined)

  return {
    refresh,
    renew,
    get since() {
      return known?.link === connection.link ? known.since : Number.POSITIVE_INFINITY
    },
    get askedAt() {
      return asked?.at ?? Number.NEGATIVE_INFINITY
    },
    saw: (kvRevision) => {
      seen = Math.max(seen, kvRevision)
    },
  }
}

// Whoever cannot read since when it remembers remembers since now.
function asLost(error: unknown): { readonly value: undefined; readonly kvRevision: number } {
  if (error instanceof MalformedEntry) return { value: undefined, kvRevision: error.kvRevision }
  throw error
}

function parseSince(data: unknown): Parsed<Since> {
  return parseFields<Since>(data, 1, ({ since }) =>
    typeof since === 'string' && !Number.isNaN(Date.parse(since))
      ? { version: 1, since }
      : 'since: expected a time',
  )
}
