import assert from 'node:assert/strict'
import { test } from 'node:test'
import { onFreePort, PortTaken } from './free-port.ts'

test('a port that was taken between choice and use is given up for another', async () => {
  const tried: number[] = []
  const got = await onFreePort(async (port) => {
    tried.push(port)
    if (tried.length < 3) throw new PortTaken(port)
    return port
  })
  assert.equal(tried.length, 3)
  assert.equal(got, tried[2])
})

test('a port that the caller named is not exchanged', async () => {
  await assert.rejects(
    onFreePort(async (port) => await Promise.reject(new PortTaken(port)), 4222),
    {
      name: 'PortTaken',
      message: 'port 4222 of 127.0.0.1 is taken: stop what listens there, or leave the port to us',
    },
  )
})

test('another failure than a taken port is not repeated', async () => {
  let tries = 0
  await assert.rejects(
    onFreePort(async () => {
      tries++
      throw new Error('broken')
    }),
    /broken/,
  )
  assert.equal(tries, 1)
})
