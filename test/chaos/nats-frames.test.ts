import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NatsFrames } from './nats-frames.ts'

const wire = [
  'CONNECT {"verbose":false}\r\n',
  'PUB a.b 5\r\nhello\r\n',
  'PUB a.b _INBOX.1 5\r\nPING\r\r\n',
  'HPUB a.c _INBOX.2 12 17\r\nNATS/1.0\r\n\r\nhello\r\n',
  'PING\r\n',
  'MSG a.b 7 5\r\nhello\r\n',
  'HMSG a.c 7 $JS.ACK.x 12 14\r\nNATS/1.0\r\n\r\n\r\n\r\n',
]

test('however the bytes arrive, the operations are the same', () => {
  const bytes = Buffer.from(wire.join(''))
  for (const size of [1, 3, 7, bytes.length]) {
    const frames = new NatsFrames()
    const all = []
    for (let at = 0; at < bytes.length; at += size) all.push(...frames.push(bytes.subarray(at, at + size)))
    assert.deepEqual(
      all.map(({ verb, subject, reply }) => [verb, subject, reply]),
      [
        ['CONNECT', '', ''],
        ['PUB', 'a.b', ''],
        ['PUB', 'a.b', '_INBOX.1'],
        ['HPUB', 'a.c', '_INBOX.2'],
        ['PING', '', ''],
        ['MSG', 'a.b', ''],
        ['HMSG', 'a.c', '$JS.ACK.x'],
      ],
    )
    assert.equal(Buffer.concat(all.map((frame) => frame.bytes)).toString(), bytes.toString())
  }
})
