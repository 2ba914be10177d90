import { setTimeout as sleep } from 'node:timers/promises'
import { ackWaitMs, type ContractPlay } from './contract-play.ts'
import { ask, held, lastOf, put, Reader } from './what-comes.ts'

export const outagePlays: Readonly<Record<string, ContractPlay>> = {
  'a kill forgets nothing that was acknowledged, and what was out comes again': {
    breaks: true,
    stream: { mostPerSubject: 2, windowMs: 60_000 },
    async play(bed, tell) {
      const door = await bed.connect()
      for (const text of ['1', '2', '3']) await put(door, bed, 'a', text, { id: text })
      await new Reader(door, bed).message()
      await sleep(ackWaitMs / 2)
      await bed.killed()
      await door.whenConnected()
      tell(await held(door, bed))
      tell(await put(door, bed, 'b', '3', { id: '3' }))
      tell(`of what went: ${await put(door, bed, 'b', '1', { id: '1' })}`)
      tell((await new Reader(door, bed).message()).what)
    },
    tells: ['a 2; last 3', 'duplicate of 3', 'of what went: stored as 4', 'a=2 seq 2 delivery 2 in all 2'],
  },
  'a kill may forget the newest deliveries and settlements, and counts on from those before': {
    breaks: true,
    async play(bed, tell) {
      const door = await bed.connect()
      for (const text of ['1', '2']) await put(door, bed, 'a', text)
      const before = new Reader(door, bed)
      await ask(door, (await before.message()).message.reply, '+ACK')
      await sleep(ackWaitMs / 2)
      await before.message()
      await bed.killed()
      await door.whenConnected()
      const { what } = await new Reader(door, bed).message()
      tell(what.replace(/(?<=delivery )[12] in all [23]$/, 'again'))
    },
    tells: ['a=2 seq 2 delivery again'],
  },
  'an erased server counts from one, and gives out all anew': {
    breaks: true,
    async play(bed, tell) {
      const door = await bed.connect()
      for (const text of ['1', '2']) await put(door, bed, 'a', text, { id: text })
      const before = new Reader(door, bed)
      await ask(door, (await before.message()).message.reply, '+ACK')
      await bed.erased()
      await door.whenConnected()
      tell(await lastOf(door, bed, 'a'))
      tell(await put(door, bed, 'a', '2', { id: '2' }))
      tell((await new Reader(door, bed).message()).what)
    },
    tells: ['nothing', 'stored as 1', 'a=2 seq 1 delivery 1 in all 1'],
  },
  'a disk that went back takes sequences, ids and settlements with it': {
    breaks: true,
    async play(bed, tell) {
      const door = await bed.connect()
      for (const text of ['1', '2']) await put(door, bed, 'a', text, { id: text })
      const before = new Reader(door, bed)
      await ask(door, (await before.message()).message.reply, '+ACK')
      await sleep(ackWaitMs / 2)
      await bed.setBack(async () => {
        await ask(door, (await before.message()).message.reply, '+ACK')
        tell(await put(door, bed, 'a', '3', { id: '3' }))
        await sleep(ackWaitMs / 2)
      })
      await door.whenConnected()
      tell(await held(door, bed))
      tell(await put(door, bed, 'b', '3', { id: '3' }))
      tell(await put(door, bed, 'b', '2', { id: '2' }))
      const reader = new Reader(door, bed)
      const again = await reader.message()
      tell(again.what)
      await ask(door, again.message.reply, '+ACK')
      tell((await reader.message()).what)
    },
    tells: [
      'stored as 3',
      'a 2; last 2',
      'stored as 3',
      'duplicate of 2',
      'a=2 seq 2 delivery 1 in all 2',
      'b=3 seq 3 delivery 1 in all 3',
    ],
  },
  'what is asked of a frozen server is done when it goes on': {
    breaks: true,
    async play(bed, tell) {
      const door = await bed.connect()
      await bed.frozen(async () => {
        tell(await put(door, bed, 'a', '1', { id: '1', timeout: 500 }))
      })
      tell(await put(door, bed, 'a', '1', { id: '1' }))
      tell(await held(door, bed))
    },
    tells: ['refused NATS does not answer', 'duplicate of 1', 'a 1; last 1'],
  },
}
