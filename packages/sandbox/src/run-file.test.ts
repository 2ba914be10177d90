import assert from 'node:assert/strict'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeTempFolder } from '@hermod/testkit'
import { openRunFile, shellCommand } from './run-file.ts'

const header = { pid: 7, startedAt: '2026-11-22T10:00:00Z', home: '/h', folder: '/repository' }

test('run.json always tells the newest of every process, and is gone with the sandbox', async () => {
  await using folder = await makeTempFolder('run-file')
  const path = join(folder.path, 'run.json')
  {
    using run = openRunFile(path, header)
    run.set('dedupe', { ports: { http: 2112 }, command: 'node dedupe', log: '/h/logs/dedupe.log' })
    run.set('dedupe', { pid: 12, starts: 1 })
    assert.deepEqual(JSON.parse(readFileSync(path, 'utf8')), {
      version: 1,
      ...header,
      processes: {
        dedupe: {
          pid: 12,
          state: 'running',
          starts: 1,
          ports: { http: 2112 },
          log: '/h/logs/dedupe.log',
          command: 'node dedupe',
        },
      },
    })
    assert.equal(statSync(path).mode & 0o777, 0o600)
  }
  assert.equal(existsSync(path), false)
})

test('a command can be pasted into a shell', () => {
  assert.equal(
    shellCommand(['node', '--env-file=/a b/c.env', "it's.ts"]),
    "node '--env-file=/a b/c.env' 'it'\\''s.ts'",
  )
})
