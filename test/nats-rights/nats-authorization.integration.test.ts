import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { type NatsServer, startNatsServer } from '@hermod/testkit'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { shippedAuthorization, type NatsUser as User, natsUsers as users } from './shipped-authorization.ts'

/** What each user may publish to, and what it must not be able to. */
const publishing: Readonly<
  Record<User, { readonly may: readonly string[]; readonly mayNot: readonly string[] }>
> = {
  provision: {
    may: ['$JS.API.STREAM.CREATE.OBSERVATIONS', '$JS.API.CONSUMER.CREATE.OBSERVATIONS.dedupe-0'],
    mayNot: [
      'hermod.observation.0.default.shop.checkout',
      'hermod.rollout.0.default.shop.checkout.failed',
      '$JS.API.STREAM.DELETE.OBSERVATIONS',
      '$JS.API.STREAM.PURGE.ROLLOUTS',
      '$JS.API.CONSUMER.DELETE.ROLLOUTS.notifier-0',
      '$JS.API.CONSUMER.CREATE.KV_specs.mine',
      '$JS.API.CONSUMER.DURABLE.CREATE.KV_specs.mine',
      '$JS.API.CONSUMER.MSG.NEXT.ROLLOUTS.notifier-0',
      '$JS.API.STREAM.MSG.GET.KV_specs',
      '$KV.rollouts.0.default.shop.checkout',
    ],
  },
  watcher: {
    may: [
      'hermod.observation.0.default.shop.checkout',
      'hermod.observation.3.default._snapshot',
      '$KV.clusters.default',
    ],
    mayNot: [
      'hermod.observation.0.other.shop.checkout',
      'hermod.observation.0.other._snapshot',
      '$KV.clusters.other',
      'hermod.rollout.0.default.shop.checkout.failed',
      'hermod.delivery.0.default.shop.checkout',
      'hermod.state.default.shop.checkout',
      '$KV.rollouts.0.default.shop.checkout',
      '$JS.API.STREAM.MSG.GET.KV_specs',
      '$JS.API.STREAM.MSG.GET.OBSERVATIONS',
      '$JS.API.CONSUMER.MSG.NEXT.OBSERVATIONS.dedupe-0',
      '$JS.API.STREAM.CREATE.OBSERVATIONS',
      '$JS.API.STREAM.DELETE.OBSERVATIONS',
      '_INBOX_dedupe.stolen',
    ],
  },
  dedupe: {
    may: [
      'hermod.rollout.0.default.shop.checkout.failed',
      'hermod.dead-letter.dedupe.OBSERVATIONS',
      '$KV.rollouts.0.default.shop.checkout',
      '$JS.API.CONSUMER.MSG.NEXT.OBSERVATIONS.dedupe-7',
      '$JS.ACK.OBSERVATIONS.dedupe-7.1.1.1.1.0',
      '$JS.API.STREAM.MSG.GET.DELIVERIES',
    ],
    mayNot: [
      'hermod.observation.0.default.shop.checkout',
      'hermod.delivery.0.default.shop.checkout',
      'hermod.dead-letter.notifier.ROLLOUTS',
      '$KV.cards.x',
      '$KV.leases.notifier',
      '$JS.API.CONSUMER.MSG.NEXT.ROLLOUTS.notifier-0',
      '$JS.ACK.ROLLOUTS.notifier-0.1.1.1.1.0',
      '$JS.API.CONSUMER.CREATE.OBSERVATIONS.mine',
      '$JS.API.STREAM.UPDATE.OBSERVATIONS',
      '$JS.API.STREAM.PURGE.OBSERVATIONS',
      '$JS.API.STREAM.MSG.DELETE.ROLLOUTS',
    ],
  },
  notifier: {
    may: [
      'hermod.delivery.0.default.shop.checkout',
      '$KV.cards.x',
      '$KV.leases.notifier',
      '$JS.API.CONSUMER.MSG.NEXT.ROLLOUTS.notifier-7',
    ],
    mayNot: [
      'hermod.rollout.0.default.shop.checkout.failed',
      'hermod.observation.0.default.shop.checkout',
      '$KV.rollouts.0.default.shop.checkout',
      '$KV.leases.cache',
      '$JS.API.STREAM.MSG.GET.KV_specs',
      '$JS.API.STREAM.MSG.GET.KV_rollouts',
      '$JS.API.CONSUMER.MSG.NEXT.OBSERVATIONS.dedupe-0',
      '$JS.ACK.OBSERVATIONS.dedupe-0.1.1.1.1.0',
      '$JS.API.STREAM.DELETE.KV_cards',
    ],
  },
  reader: {
    may: [
      '$JS.API.CONSUMER.MSG.NEXT.ROLLOUTS.reader',
      '$JS.API.DIRECT.GET.KV_rollouts.$KV.rollouts.0.default.shop.checkout',
    ],
    mayNot: [
      'hermod.rollout.0.default.shop.checkout.failed',
      '$KV.rollouts.0.default.shop.checkout',
      '$JS.API.CONSUMER.MSG.NEXT.ROLLOUTS.notifier-0',
      '$JS.API.CONSUMER.CREATE.ROLLOUTS.mine',
      '$JS.API.DIRECT.GET.KV_specs.$KV.specs.0.default.shop.checkout',
      '$JS.API.STREAM.MSG.GET.KV_specs',
    ],
  },
  operator: {
    may: [
      '$JS.API.STREAM.INFO.ROLLOUTS',
      '$JS.API.STREAM.MSG.GET.DEAD_LETTERS',
      '$JS.API.STREAM.MSG.GET.KV_cards',
      '$KV.cards.retry.shop',
      'hermod.observation.0.default.shop.checkout',
    ],
    mayNot: [
      '$KV.cards.0.default.shop.checkout.uid.1',
      '$KV.rollouts.0.default.shop.checkout',
      '$JS.API.STREAM.MSG.GET.KV_specs',
      '$JS.API.STREAM.MSG.GET.OBSERVATIONS',
      '$JS.API.STREAM.CREATE.MINE',
      '$JS.API.STREAM.PURGE.DEAD_LETTERS',
      '$JS.API.CONSUMER.CREATE.ROLLOUTS.mine',
      '$JS.API.CONSUMER.MSG.NEXT.ROLLOUTS.notifier-0',
      'hermod.dead-letter.notifier.ROLLOUTS',
    ],
  },
}

const reading: Readonly<Record<User, { readonly mayNot: readonly string[] }>> = {
  provision: { mayNot: ['hermod.>', '_INBOX_watcher.>', '$KV.>'] },
  watcher: { mayNot: ['hermod.>', '_INBOX_dedupe.>', '_INBOX.>', '>'] },
  dedupe: { mayNot: ['hermod.observation.>', '_INBOX_notifier.>', '$JS.>'] },
  notifier: { mayNot: ['hermod.rollout.>', '_INBOX_dedupe.>', '$KV.>'] },
  reader: { mayNot: ['hermod.observation.>', 'hermod.rollout.>', '_INBOX_notifier.>', '$KV.rollouts.>'] },
  operator: { mayNot: ['hermod.>', '$KV.>', '_INBOX_provision.>'] },
}

describe('the shipped NATS authorization', () => {
  let server: NatsServer
  before(async () => {
    server = await startNatsServer({ config: shippedAuthorization('default') })
  })
  after(async () => await server[Symbol.asyncDispose]())

  for (const user of users) {
    test(`${user} may do what it does, and nothing else`, async () => {
      const { may, mayNot } = publishing[user]
      await using session = await openSession(server, user)
      for (const subject of may) assert.equal(await session.publish(subject), 'allowed', subject)
      for (const subject of mayNot) assert.equal(await session.publish(subject), 'refused', subject)
      for (const subject of reading[user].mayNot)
        assert.equal(await session.read(subject), 'refused', subject)
      assert.equal(await session.read(`_INBOX_${user}.>`), 'allowed')
    })
  }

  test('nobody gets in without a password or with the one of another', async () => {
    await assert.rejects(connect({ servers: server.url, reconnect: false }), /Authorization Violation/i)
    const wrong = { servers: server.url, user: 'dedupe', pass: 'watcher-password', reconnect: false }
    await assert.rejects(connect(wrong), /Authorization Violation/i)
  })
})

type Answer = 'allowed' | 'refused'

interface Session extends AsyncDisposable {
  publish(subject: string): Promise<Answer>
  read(subject: string): Promise<Answer>
}

async function openSession(server: NatsServer, user: User): Promise<Session> {
  const nats = await connect({
    servers: server.url,
    user,
    pass: `${user}-password`,
    inboxPrefix: `_INBOX_${user}`,
  })
  const violations: string[] = []
  void followViolations(nats, violations)
  const judge = async (subject: string): Promise<Answer> => {
    // The server answers in order: what it had against the subject comes before the answer to this flush, and the
    // client's status loop is given its turn.
    await nats.flush()
    await setImmediate()
    return violations.some((text) => text.includes(`"${subject}"`)) ? 'refused' : 'allowed'
  }
  return {
    publish: async (subject) => {
      nats.publish(subject)
      return await judge(subject)
    },
    read: async (subject) => {
      nats.subscribe(subject, { callback: () => undefined })
      return await judge(subject)
    },
    [Symbol.asyncDispose]: async () => await nats.close(),
  }
}

async function followViolations(nats: NatsConnection, violations: string[]): Promise<void> {
  for await (const status of nats.status()) {
    if (status.type === 'error') violations.push(status.error.message)
  }
}
