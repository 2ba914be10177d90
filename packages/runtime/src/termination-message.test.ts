import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeTempFolder } from '@hermod/testkit'
import { writeTerminationMessage } from './termination-message.ts'

test('replaces what is there, within the limit, never ending inside a character', async () => {
  await using folder = await makeTempFolder('termination')
  const path = join(folder.path, 'log')
  writeFileSync(path, 'an old and longer message')
  writeTerminationMessage(path, 'short')
  assert.equal(readFileSync(path, 'utf8'), 'short')
  writeTerminationMessage(path, `x${'é'.repeat(4096)}`)
  assert.equal(readFileSync(path, 'utf8'), `x${'é'.repeat(2047)}`)
})

test('outside a pod no file is made, and nothing fails', async () => {
  await using folder = await makeTempFolder('termination')
  writeTerminationMessage(join(folder.path, 'log'), 'words')
  assert.ok(!existsSync(join(folder.path, 'log')))
})
