import assert from 'node:assert/strict'
import { basename } from 'node:path'
import { test } from 'node:test'
import { Lookout, makeCanary } from './canaries.ts'

test('a secret is seen wherever it stands, also where a stream cuts it in two', () => {
  const [token, key] = [makeCanary('token'), makeCanary('key')]
  const lookout = new Lookout(
    new Map([
      ['the token', token],
      ['the key', key],
    ]),
  )
  lookout.hear('a log', `{"msg":"starting"}\n${token.slice(0, 20)}`)
  lookout.hear('another log', token.slice(20))
  assert.deepEqual(lookout.sightings, [])
  lookout.hear('a log', `${token.slice(20)}\n`)
  lookout.look('Slack', `what is ${key}?`)
  lookout.look('Slack', key)
  assert.deepEqual(lookout.sightings, ['the token stands in a log', 'the key stands in Slack'])
})

test('the arguments of a process are looked at', () => {
  const lookout = new Lookout(new Map([['this file', basename(import.meta.filename)]]))
  lookout.lookAtArguments('the test', process.pid)
  assert.deepEqual(lookout.sightings, ['this file stands in the arguments of the test'])
})
