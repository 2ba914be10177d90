import assert from 'node:assert/strict'
import { cp, rename, rm } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { connectJetStream, type JetStreamConnection } from '@hermod/jetstream'
import { type NatsServer, startNatsServer } from '@hermod/testkit'
import { consumerConfig, streamConfig } from '../../../packages/jetstream/src/stream-config.ts'
import { ackWaitMs, type ContractPlay, type NatsBed } from './contract-play.ts'
import { natsContract } from './nats-contract.ts'

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

async function connectTo({ url }: NatsServer): Promise<JetStreamConnection> {
  return await connectJetStream({ servers: [url], name: 'contract', log: quiet })
}

/** A stream for one play alone. */
async function install(server: NatsServer, number: number, { stream: plan, mostPending = 1 }: ContractPlay) {
  const [stream, prefix] = [`CONTRACT_${number}`, `contract.${number}.`]
  await using connection = await connectTo(server)
  const { streams, consumers } = connection.manager
  const definition = {
    name: stream,
    subjects: [`${prefix}>`],
    maxAgeMs: 0,
    maxBytes: -1,
    maxMessagesPerSubject: plan?.mostPerSubject ?? -1,
    maxMessageBytes: -1,
    duplicateWindowMs: plan?.windowMs ?? 120_000,
    partitioned: false,
  }
  const config = streamConfig(definition, { partitions: 1, replicas: 1, readers: [], messageTtl: true })
  await streams.add({ ...config, allow_msg_ttl: true, max_msgs: plan?.mostMessages ?? -1 })
  const reader = {
    name: 'reader',
    stream,
    filterSubject: `${prefix}>`,
    ackWaitMs,
    maxAckPending: mostPending,
  }
  await consumers.add(stream, consumerConfig(reader))
  return { stream, prefix }
}

async function playOn(server: NatsServer, number: number, play: ContractPlay): Promise<readonly string[]> {
  await using open = new AsyncDisposableStack()
  const bed: NatsBed = {
    ...(await install(server, number, play)),
    connect: async () => open.use(await connectTo(server)),
    async killed() {
      await server.kill()
      await server.restart()
    },
    async setBack(work) {
      const copy = `${server.storeDir}.before`
      server.pause()
      await cp(server.storeDir, copy, { recursive: true })
      server.resume()
      await work()
      await server.kill()
      await rm(server.storeDir, { recursive: true })
      await rename(copy, server.storeDir)
      await server.restart()
    },
    async erased() {
      await server.kill()
      await rm(server.storeDir, { recursive: true })
      await server.restart()
      await install(server, number, play)
    },
    async frozen(work) {
      server.pause()
      await work()
      server.resume()
    },
  }
  const told: string[] = []
  await play.play(bed, (what) => void told.push(what))
  return told
}

describe('a real nats-server', { concurrency: 20 }, () => {
  let shared: NatsServer
  before(async () => {
    shared = await startNatsServer()
  })
  after(() => shared[Symbol.asyncDispose]())

  for (const [number, [what, play]] of Object.entries(natsContract).entries()) {
    test(what, async () => {
      if (!play.breaks) return assert.deepEqual(await playOn(shared, number, play), play.tells)
      await using own = await startNatsServer()
      assert.deepEqual(await playOn(own, number, play), play.tells)
    })
  }
})
