import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refusal } from './request-guard.ts'

const port = 8421
const ours = `http://127.0.0.1:${port}`

test('our own page may look and press', () => {
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`]) {
    assert.equal(refusal({ method: 'GET', host, origin: undefined }, port), undefined)
    assert.equal(refusal({ method: 'POST', host, origin: `http://${host}` }, port), undefined)
  }
})

test('a name that leads here is no name of ours', () => {
  for (const host of [undefined, '', 'evil.example', `evil.example:${port}`, '127.0.0.1', '127.0.0.1:1'])
    assert.equal(refusal({ method: 'GET', host, origin: undefined }, port)?.status, 403)
})

test('another page cannot press a button, nor can one that hides where it comes from', () => {
  for (const origin of [
    undefined,
    'null',
    'http://evil.example',
    `https://127.0.0.1:${port}`,
    'http://127.0.0.1',
  ])
    assert.equal(refusal({ method: 'POST', host: `127.0.0.1:${port}`, origin }, port)?.status, 403)
  assert.equal(refusal({ method: 'DELETE', host: `127.0.0.1:${port}`, origin: ours }, port)?.status, 405)
})
