import assert from 'node:assert/strict'
import { test } from 'node:test'
import { slackDate } from './slack-date.ts'

const berlin = { locale: 'de-DE', timeZone: 'Europe/Berlin' }

test('a date token is filled in for the place of its reader', () => {
  assert.equal(slackDate('1795357920', '{time}', '14:32 UTC', berlin), '15:32')
  assert.equal(slackDate('1795357920', 'am {date_num} um {time}', '-', berlin), 'am 22.11.2026 um 15:32')
})

test('what Slack does not know stays as its fallback says', () => {
  assert.equal(slackDate('1795357920', '{fortnight}', '14:32 UTC', berlin), '14:32 UTC')
  assert.equal(slackDate('soon', '{time}', '14:32 UTC', berlin), '14:32 UTC')
})
