import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectJetStream } from '../model-connection.ts'
import { ModelNats } from '../model-nats.ts'
import { enter, type Surroundings } from '../the-world.ts'
import { asProcess, now, passTime, resetTime, takeOverTime } from '../virtual-time.ts'
import { ackWaitMs, type ContractPlay, type Door, type NatsBed } from './contract-play.ts'
import { natsContract } from './nats-contract.ts'

const [stream, prefix] = ['CONTRACT', 'contract.']

async function playOnModel({ stream: plan, mostPending = 1, play }: ContractPlay, seed: number) {
  resetTime(seed)
  const nats = new ModelNats({
    streams: [
      {
        name: stream,
        prefix,
        mostPerSubject: plan?.mostPerSubject ?? Number.POSITIVE_INFINITY,
        ...(plan?.mostMessages !== undefined && { mostMessages: plan.mostMessages }),
        windowMs: plan?.windowMs ?? 120_000,
        metadata: {},
      },
    ],
    consumers: [{ name: 'reader', stream, filter: () => true, ackWaitMs, mostPending }],
  })
  enter({ nats, fateOfRequest: () => 'sent', die: () => undefined } as Partial<Surroundings> as Surroundings)
  const bed: NatsBed = {
    stream,
    prefix,
    connect: async () => (await connectJetStream({})) as Door,
    async killed() {
      nats.kill()
      await sleep(300)
      nats.restart()
    },
    async setBack(work) {
      const goBack = nats.written()
      await work()
      nats.kill()
      goBack()
      await sleep(300)
      nats.restart()
    },
    async erased() {
      nats.kill()
      nats.erase()
      nats.provision()
      nats.restart()
    },
    async frozen(work) {
      nats.freeze()
      await work()
      nats.thaw()
    },
  }
  const told: string[] = []
  const playing = { isOver: false }
  const played = asProcess({ name: 'player', alive: true }, () =>
    play(bed, (what) => void told.push(what)).finally(() => {
      playing.isOver = true
    }),
  )
  while (!playing.isOver) await passTime(now() + 100)
  await played
  return told
}

// Time is the model's from here on, so everything is played before the first test begins.
takeOverTime()
const tales: (readonly [what: string, told: readonly string[], tells: readonly string[]])[] = []
for (const [what, play] of Object.entries(natsContract)) {
  for (const seed of [1, 2, 3])
    tales.push([`${what} (seed ${seed})`, await playOnModel(play, seed), play.tells])
}

for (const [what, told, tells] of tales) {
  test(`the model of a nats-server: ${what}`, () => assert.deepEqual(told, tells))
}
