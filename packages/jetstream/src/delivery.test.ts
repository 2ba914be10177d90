import assert from 'node:assert/strict'
import { test } from 'node:test'
import { headers, type Msg } from '@nats-io/transport-node'
import { readDelivery } from './delivery.ts'

function delivered(reply: string | undefined): Msg {
  const own = headers()
  own.set('Nats-Msg-Id', 'id-1')
  return { subject: 'hermod.x', reply, headers: own } as unknown as Msg
}

const expected = {
  stream: 'S',
  consumer: 'C',
  subject: 'hermod.x',
  sequence: 12,
  streamTimestampMs: 1_795_377_892_832,
  deliverySequence: 7,
  deliveries: 3,
  redelivered: true,
  headers: { 'nats-msg-id': 'id-1' },
  id: 'id-1',
}

test('a delivery is read from either form of the reply subject', () => {
  assert.deepEqual(readDelivery(delivered('$JS.ACK.S.C.3.12.7.1795377892832123456.0')), expected)
  assert.deepEqual(readDelivery(delivered('$JS.ACK._.HASH.S.C.3.12.7.1795377892832123456.0.rnd')), expected)
})

test('what is no delivery is told apart', () => {
  for (const reply of [
    undefined,
    '',
    '_INBOX.x',
    '$JS.ACK.S.C.3',
    '$JS.ACK.S.C.x.12.7.1.0',
    '$JS.API.S.C.1.2.3.4.5',
  ])
    assert.equal(readDelivery(delivered(reply)), undefined)
})
