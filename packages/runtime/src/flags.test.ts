import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readFlags } from './flags.ts'

const kinds = new Map([
  ['level', 'valued'],
  ['warn', 'boolean'],
] as const)

const cases: readonly [string, Record<string, string | undefined>][] = [
  ['', {}],
  ['--level debug', { level: 'debug' }],
  ['--level=debug', { level: 'debug' }],
  ['-level debug', { level: 'debug' }],
  ['-level=a=b', { level: 'a=b' }],
  ['--level=', { level: '' }],
  ['--level debug --level info', { level: 'info' }],
  ['--level -5', { level: '-5' }],
  ['--level', { level: undefined }],
  ['--level --warn', { level: undefined, warn: 'true' }],
  ['--warn debug', { warn: 'true' }],
  ['--warn=false', { warn: 'false' }],
  ['--other --level debug', { level: 'debug' }],
  ['--other x y --warn', { warn: 'true' }],
  ['-- --level debug', {}],
  ['level debug', {}],
  ['--constructor x', {}],
]

for (const [argv, expected] of cases)
  test(`reads '${argv}'`, () => {
    assert.deepEqual(Object.fromEntries(readFlags(argv.split(' '), kinds)), expected)
  })
