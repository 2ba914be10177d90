// Owns what is known of channels: the id behind each name.
// N1. A name is looked up once, kept in KV, and renewed after a day or when Slack does not know the id any more. Nobody
//     waits for what is renewed after a day: the old id serves until then.
// N2. A channel that cannot be looked up is posted to by its name; Slack's answer then teaches its id.
import { isChannelId, type Parsed, parseFields } from '@hermod/contracts'
import type { Bucket } from '@hermod/jetstream'
import { channelKey } from './card-keys.ts'
import type { SlackClient } from './slack-client.ts'

export interface KnownChannel {
  readonly version: number
  readonly id: string
  /** Unix ms. */
  readonly learntAt: number
}

export interface Channels {
  /** The id if it is known without asking anybody, else undefined. */
  known(channel: string): string | undefined
  /** The id; the name itself when nobody can tell; undefined when Slack is to be asked later. */
  resolve(channel: string): Promise<string | undefined>
  /** As `resolve`, over any outage of Slack: `rest` comes between two tries, one for all who wait for a channel. */
  whenResolved(channel: string, rest: () => Promise<void>): Promise<string>
  /** Slack said so in an answer. */
  learn(channel: string, id: string): Promise<void>
  /** Asks Slack again, whatever is known. */
  renew(channel: string): Promise<string | undefined>
}

const renewAfterMs = 24 * 3_600_000
const tryAgainAfterMs = 10 * 60_000

export function createChannels(
  stored: Bucket<KnownChannel>,
  slack: SlackClient,
  now: () => number = Date.now,
): Channels {
  const ids = new Map<string, KnownChannel>()
  const asked = new Map<string, Promise<string | undefined>>()
  const awaited = new Map<string, Promise<string>>()
  let listing: Promise<Listing> | undefined
  let triedAt = -Infinity

  const keep = async (channel: string, entry: KnownChannel): Promise<void> => {
    ids.set(channel, entry)
    const before = await stored.load(channelKey(channel))
    await stored.save(channelKey(channel), entry, before?.kvRevision)
  }

  const learn = async (channel: string, id: string): Promise<void> => {
    if (isChannelId(channel) || ids.get(channel)?.id === id) return
    await keep(channel, { version: 1, id, learntAt: now() })
  }

  const renew = async (channel: string): Promise<string | undefined> => {
    listing ??= listOnce(slack).finally(() => {
      listing = undefined
    })
    const listed = await listing
    if (listed.kind === 'later') return undefined
    // The whole list is kept in memory, the names that are used in KV.
    for (const [name, id] of listed.ids) ids.set(name, { version: 1, id, learntAt: now() })
    const id = listed.ids.get(channel)
    if (id === undefined) return channel
    await keep(channel, { version: 1, id, learntAt: now() })
    return id
  }

  const lookUp = async (channel: string): Promise<string | undefined> => {
    const entry = (await stored.load(channelKey(channel)))?.value
    if (!entry) return await renew(channel)
    ids.set(channel, entry)
    return known(channel)
  }

  const known = (channel: string): string | undefined => {
    if (isChannelId(channel)) return channel
    const entry = ids.get(channel)
    if (entry && now() - Math.max(entry.learntAt, triedAt) >= renewAfterMs) {
      // Tried again in a while if this fails, or if Slack does not list the name any more.
      triedAt = now() - renewAfterMs + tryAgainAfterMs
      renew(channel).catch(() => undefined)
    }
    return entry?.id
  }

  const resolve = async (channel: string): Promise<string | undefined> => {
    const present = known(channel)
    if (present !== undefined) return present
    const asking = asked.get(channel) ?? lookUp(channel).finally(() => asked.delete(channel))
    asked.set(channel, asking)
    return await asking
  }

  const resolveAtLast = async (channel: string, rest: () => Promise<void>): Promise<string> => {
    for (;;) {
      const id = await resolve(channel)
      if (id !== undefined) return id
      await rest()
    }
  }

  return {
    known,
    resolve,
    async whenResolved(channel, rest) {
      const waiting =
        awaited.get(channel) ?? resolveAtLast(channel, rest).finally(() => awaited.delete(channel))
      awaited.set(channel, waiting)
      return await waiting
    },
    learn,
    renew,
  }
}

type Listing =
  | { readonly kind: 'listed'; readonly ids: ReadonlyMap<string, string> }
  | { readonly kind: 'later' }

async function listOnce(slack: SlackClient): Promise<Listing> {
  const all = await slack.listChannels('all')
  const answer =
    all.kind === 'token' && all.reason === 'missing_scope' ? await slack.listChannels('public') : all
  if (answer.kind === 'delivered') return { kind: 'listed', ids: answer.ids }
  const isRefused =
    ['missing_scope', 'not_allowed_token_type'].includes(answer.reason) || answer.kind === 'channel'
  return isRefused ? { kind: 'listed', ids: new Map() } : { kind: 'later' }
}

export function parseKnownChannel(data: unknown): Parsed<KnownChannel> {
  return parseFields<KnownChannel>(data, 1, ({ id, learntAt }) =>
    typeof id === 'string' && typeof learntAt === 'number'
      ? { version: 1, id, learntAt }
      : 'expected an id and learntAt',
  )
}
