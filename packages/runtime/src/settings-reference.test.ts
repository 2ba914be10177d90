import assert from 'node:assert/strict'
import { test } from 'node:test'
import { processSettings } from './process-settings.ts'
import * as setting from './setting-builders.ts'
import { describeSettings, settingsTable } from './settings-reference.ts'

test('each setting is told with all its names, its default and whether it is required', () => {
  const settings = {
    url: setting.url({ variable: ['A', 'B'], flag: 'a', about: 'the address' }),
    token: setting.secret({ variable: 'TOKEN', optional: true, about: 'the token' }),
    everyMs: setting.duration({ flag: 'every', default: 90_000, about: 'how often' }),
  }
  assert.deepEqual(describeSettings(settings), [
    {
      names: ['--a', 'A', 'B'],
      variables: ['A', 'B'],
      kind: 'URL',
      default: undefined,
      required: true,
      about: 'the address',
    },
    {
      names: ['TOKEN', 'TOKEN_FILE'],
      variables: ['TOKEN', 'TOKEN_FILE'],
      kind: 'secret',
      default: undefined,
      required: false,
      about: 'the token',
    },
    {
      names: ['--every'],
      variables: [],
      kind: 'duration',
      default: '1m30s',
      required: false,
      about: 'how often',
    },
  ])
})

test('the table has a row for each setting', () => {
  const rows = settingsTable(processSettings).split('\n')
  assert.equal(rows.length, 2 + Object.keys(processSettings).length)
  assert.equal(
    rows[2],
    '| `--level` `LOG_LEVEL` | the least important log lines that are written | debug \\| info \\| warn \\| error | `info` |',
  )
})
