import { setTimeout as sleep } from 'node:timers/promises'
import { ackWaitMs, type ContractPlay } from './contract-play.ts'
import { ask, put, Reader, refusalOf, waited } from './what-comes.ts'

export const consumerPlays: Readonly<Record<string, ContractPlay>> = {
  'one that nobody settles comes again after its wait, and no other before it': {
    async play(bed, tell) {
      const door = await bed.connect()
      for (const text of ['1', '2']) await put(door, bed, 'a', text)
      const [reader, other] = [new Reader(door, bed), new Reader(door, bed)]
      const first = await reader.message()
      tell(first.what)
      other.pull()
      const again = await other.next()
      tell(`${again.what}, ${waited(again.atMs - first.atMs)}`)
      tell(await ask(door, again.message.reply, '+ACK'))
      tell((await reader.message()).what)
    },
    tells: [
      'a=1 seq 1 delivery 1 in all 1',
      'a=1 seq 1 delivery 2 in all 2, after its wait',
      'confirmed',
      'a=2 seq 2 delivery 1 in all 3',
    ],
  },
  'work that is reported puts the wait off': {
    async play(bed, tell) {
      const door = await bed.connect()
      await put(door, bed, 'a', '1')
      const reader = new Reader(door, bed)
      const first = await reader.message()
      reader.pull()
      for (let times = 0; times < 3; times++) {
        await sleep(ackWaitMs / 2)
        first.message.respond('+WPI')
      }
      const reportedMs = performance.now()
      const again = await reader.next()
      tell(`${again.what}, ${waited(again.atMs - reportedMs)}`)
    },
    tells: ['a=1 seq 1 delivery 2 in all 2, after its wait'],
  },
  'one that is given back comes again at once, or when it says': {
    async play(bed, tell) {
      const door = await bed.connect()
      for (const text of ['1', '2']) await put(door, bed, 'a', text)
      const reader = new Reader(door, bed)
      const first = await reader.message()
      first.message.respond('-NAK')
      const second = await reader.message()
      tell(`${second.what}, ${waited(second.atMs - first.atMs)}`)
      second.message.respond(`-NAK ${JSON.stringify({ delay: 1.5 * ackWaitMs * 1e6 })}`)
      const third = await reader.message()
      tell(`${third.what}, ${waited(third.atMs - second.atMs)}`)
      tell(await ask(door, third.message.reply, '+TERM'))
      tell((await reader.message()).what)
    },
    tells: [
      'a=1 seq 1 delivery 2 in all 2, before its wait was over',
      'a=1 seq 1 delivery 3 in all 3, after its wait',
      'confirmed',
      'a=2 seq 2 delivery 1 in all 4',
    ],
  },
  'any delivery of it settles it, and settled twice is settled': {
    async play(bed, tell) {
      const door = await bed.connect()
      for (const text of ['1', '2']) await put(door, bed, 'a', text)
      const reader = new Reader(door, bed)
      const first = await reader.message()
      const again = await reader.message()
      tell(again.what)
      tell(await ask(door, first.message.reply, '+ACK'))
      tell(await ask(door, again.message.reply, '+ACK'))
      tell((await reader.message()).what)
    },
    tells: ['a=1 seq 1 delivery 2 in all 2', 'confirmed', 'confirmed', 'a=2 seq 2 delivery 1 in all 3'],
  },
  'one word settles and asks for the next, also of a delivery before': {
    async play(bed, tell) {
      const door = await bed.connect()
      for (const text of ['1', '2', '3']) await put(door, bed, 'a', text)
      const reader = new Reader(door, bed)
      reader.settleAndPull((await reader.message()).message.reply)
      const second = await reader.next()
      tell(second.what)
      await reader.message()
      reader.settleAndPull(second.message.reply)
      const third = await reader.next()
      tell(third.what)
      reader.settleAndPull(third.message.reply)
      await sleep(ackWaitMs + 500)
      tell(`${reader.waiting} more`)
      await put(door, bed, 'a', '4')
      tell((await reader.next()).what)
    },
    tells: [
      'a=2 seq 2 delivery 1 in all 2',
      'a=3 seq 3 delivery 1 in all 4',
      '0 more',
      'a=4 seq 4 delivery 1 in all 5',
    ],
  },
  'as many are out as may be': {
    mostPending: 2,
    async play(bed, tell) {
      const door = await bed.connect()
      for (const text of ['1', '2', '3']) await put(door, bed, 'a', text)
      const reader = new Reader(door, bed)
      const first = await reader.message()
      await reader.message()
      reader.pull()
      await sleep(300)
      tell(`${reader.waiting} more`)
      await ask(door, first.message.reply, '+ACK')
      tell((await reader.next()).what)
    },
    tells: ['0 more', 'a=3 seq 3 delivery 1 in all 3'],
  },
  'who asks is told that there is still nothing, and when the time is over': {
    async play(bed, tell) {
      const door = await bed.connect()
      const reader = new Reader(door, bed)
      reader.pull(2_500, 1_000)
      for (let times = 0; times < 3; times++) tell((await reader.next()).what)
      await put(door, bed, 'a', '1')
      await sleep(300)
      tell(`${reader.waiting} unasked`)
    },
    tells: ['100', '100', '408', '0 unasked'],
  },
  'who asked first gets it': {
    async play(bed, tell) {
      const door = await bed.connect()
      const [first, second] = [new Reader(door, bed), new Reader(door, bed)]
      first.pull()
      await sleep(100)
      second.pull()
      await sleep(100)
      await put(door, bed, 'a', '1')
      tell((await first.next()).what)
      await sleep(200)
      tell(`${second.waiting} for the other`)
    },
    tells: ['a=1 seq 1 delivery 1 in all 1', '0 for the other'],
  },
  'who asked and listens no more gets nothing': {
    async play(bed, tell) {
      const door = await bed.connect()
      const [gone, there] = [new Reader(door, bed), new Reader(door, bed)]
      gone.pull()
      await sleep(100)
      gone.leave()
      await sleep(100)
      const askedMs = performance.now()
      there.pull()
      await put(door, bed, 'a', '1')
      const { what, atMs } = await there.next()
      tell(`${what}, ${waited(atMs - askedMs)}`)
    },
    tells: ['a=1 seq 1 delivery 1 in all 1, before its wait was over'],
  },
  'what is not there says so': {
    async play(bed, tell) {
      const door = await bed.connect()
      const reader = new Reader(door, bed, 'nobody')
      reader.pull()
      tell((await reader.next()).what)
      reader.settleAndPull(`$JS.ACK.${bed.stream}.nobody.1.1.1.1767225600000000000.0`)
      tell((await reader.next()).what)
      tell(await ask(door, `$JS.ACK.${bed.stream}.nobody.1.1.1.1767225600000000000.0`, '+ACK'))
      tell(await put(door, { ...bed, prefix: 'nowhere.' }, 'a', '1'))
      for (const look of [
        () => door.manager.streams.info('NOWHERE'),
        () => door.manager.streams.getMessage('NOWHERE', { last_by_subj: 'a' }),
      ])
        tell(await look().then(() => 'there', refusalOf))
    },
    tells: [
      '503',
      '503',
      'refused no stream takes it: run hermod-provision, or it is electing a leader',
      'refused no stream takes it: run hermod-provision, or it is electing a leader',
      'refused 10059 stream not found',
      'refused 10059 stream not found',
    ],
  },
}
