import { setTimeout as sleep } from 'node:timers/promises'
import type { ContractPlay } from './contract-play.ts'
import { held, lastOf, put, Reader } from './what-comes.ts'

export const streamPlays: Readonly<Record<string, ContractPlay>> = {
  'an id is known for a while, and then no more': {
    stream: { windowMs: 1_500 },
    async play(bed, tell) {
      const door = await bed.connect()
      tell(await put(door, bed, 'a', '1', { id: 'x' }))
      tell(await put(door, bed, 'b', '2', { id: 'x' }))
      await sleep(2_200)
      tell(await put(door, bed, 'b', '3', { id: 'x' }))
      tell(await held(door, bed))
    },
    tells: ['stored as 1', 'duplicate of 1', 'stored as 2', 'a 1, b 1; last 2'],
  },
  'what a message expects is looked at before whether it is a repeat': {
    async play(bed, tell) {
      const door = await bed.connect()
      tell(await put(door, bed, 'a', '1', { id: 'x', expected: 0 }))
      tell(await put(door, bed, 'a', '1', { id: 'x', expected: 0 }))
      tell(await put(door, bed, 'a', '2', { id: 'y', expected: 0 }))
      tell(await put(door, bed, 'a', '2', { id: 'y', expected: 1 }))
      tell(await put(door, bed, 'a', '1', { id: 'x', expected: 2 }))
    },
    tells: ['stored as 1', 'refused 10071 final', 'refused 10071 final', 'stored as 2', 'duplicate of 1'],
  },
  'of one subject the oldest go': {
    stream: { mostPerSubject: 2 },
    async play(bed, tell) {
      const door = await bed.connect()
      for (const text of ['1', '2', '3']) await put(door, bed, 'a', text)
      await put(door, bed, 'b', '4')
      tell(await held(door, bed))
      tell(await lastOf(door, bed, 'a'))
      tell(await lastOf(door, bed, 'c'))
      const reader = new Reader(door, bed)
      tell((await reader.message()).what)
    },
    tells: ['a 2, b 1; last 4', '3 at 3', 'nothing', 'a=2 seq 2 delivery 1 in all 1'],
  },
  'a full stream refuses, and goes on in subjects that are full themselves': {
    stream: { mostMessages: 3, mostPerSubject: 2 },
    async play(bed, tell) {
      const door = await bed.connect()
      for (const text of ['1', '2']) await put(door, bed, 'a', text)
      tell(await put(door, bed, 'b', '3'))
      tell(await put(door, bed, 'c', '4', { id: 'x' }))
      tell(await put(door, bed, 'a', '5'))
      tell(await put(door, bed, 'c', '4', { id: 'x' }))
      tell(await held(door, bed))
    },
    tells: [
      'stored as 3',
      'refused 10077 the stream is full',
      'stored as 4',
      'refused 10077 the stream is full',
      'a 2, b 1; last 4',
    ],
  },
  'an entry is made once, changed by who knows it, and what is left of it is an entry': {
    stream: { mostPerSubject: 1 },
    async play(bed, tell) {
      const door = await bed.connect()
      const removal = { 'KV-Operation': 'DEL' }
      tell(await put(door, bed, 'k', 'one', { expected: 0 }))
      tell(await put(door, bed, 'k', 'other', { expected: 0 }))
      tell(await put(door, bed, 'k', 'two', { expected: 1 }))
      tell(await put(door, bed, 'k', 'three', { expected: 1 }))
      tell(await put(door, bed, 'k', '', { expected: 2, header: removal }))
      tell(await lastOf(door, bed, 'k'))
      tell(await put(door, bed, 'k', 'again', { expected: 0 }))
      tell(await put(door, bed, 'k', 'again', { expected: 3 }))
      tell(await put(door, bed, 'k', '', { header: { ...removal, 'Nats-TTL': '1s' } }))
      await sleep(3_000)
      tell(await lastOf(door, bed, 'k'))
      tell(await put(door, bed, 'k', 'anew', { expected: 0 }))
      tell(await held(door, bed))
    },
    tells: [
      'stored as 1',
      'refused 10071 final',
      'stored as 2',
      'refused 10071 final',
      'stored as 3',
      'DEL at 3',
      'refused 10071 final',
      'stored as 4',
      'stored as 5',
      'nothing',
      'stored as 6',
      'k 1; last 6',
    ],
  },
}
