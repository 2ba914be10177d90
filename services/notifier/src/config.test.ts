import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readSettings } from '@hermod/runtime'
import { checkNotifierConfig, type NotifierConfig, notifierSettings } from './config.ts'

function read(env: Readonly<Record<string, string>>) {
  const source = { env, argv: [], openFile: () => ({ ok: false, problem: 'no files here' }) as const }
  return readSettings<NotifierConfig>(source, notifierSettings)
}

function configOf(env: Readonly<Record<string, string>>): NotifierConfig {
  const settings = read({ SLACK_TOKEN: 'xoxb-1', ...env })
  assert.ok(settings.ok)
  return settings.config
}

describe('the configuration', () => {
  it('needs a token and nothing else', () => {
    const { slackToken, ...rest } = configOf({})
    assert.equal(slackToken.reveal(), 'xoxb-1')
    assert.equal(rest.slackApiUrl, 'https://slack.com/api/')
    assert.equal(rest.slackEditsPerMinute, 50)
    assert.equal(rest.messageStyle, 'card')
  })

  it('names every problem at once', () => {
    const settings = read({
      SLACK_CHANNEL: '#ok,U0123456789',
      SLACK_CHANNELS_ALLOWED: '<!channel>',
      SLACK_EDITS_PER_MINUTE: '0',
      LINK_TEMPLATES: 'logs=http://plain.example',
      TEAM_MENTIONS: 'payments=@here',
      MESSAGE_STYLE: 'fancy',
    })
    assert.ok(!settings.ok)
    assert.deepEqual(settings.problems.map(({ name }) => name).toSorted(), [
      'LINK_TEMPLATES',
      'MESSAGE_STYLE',
      'SLACK_CHANNEL',
      'SLACK_CHANNELS_ALLOWED',
      'SLACK_EDITS_PER_MINUTE',
      'SLACK_TOKEN',
      'TEAM_MENTIONS',
    ])
  })

  it('takes channels by name and id, links and teams as lists', () => {
    const config = configOf({
      SLACK_CHANNEL: '#deploys, C0123456789',
      LINK_TEMPLATES: 'logs=https://logs.example/?q={namespace},runbook=https://wiki.example/{deployment}',
      TEAM_MENTIONS: 'payments=S012,search=U034',
    })
    assert.deepEqual(config.slackChannel, ['deploys', 'C0123456789'])
    assert.equal(config.linkTemplates[1]?.[1], 'https://wiki.example/{deployment}')
    assert.equal(config.teamMentions.get('search'), 'U034')
  })

  it('does not forget cards that a transition still kept could post again', () => {
    assert.deepEqual(
      checkNotifierConfig(configOf({ CARD_RETENTION: '7d' })).map(({ name }) => name),
      ['CARD_RETENTION'],
    )
    assert.deepEqual(checkNotifierConfig(configOf({})), [])
  })
})
