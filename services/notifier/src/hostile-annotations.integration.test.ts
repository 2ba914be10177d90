import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Rollout } from '@hermod/contracts'
import { eventually } from '@hermod/testkit'
import { type NotifierBed, startBed } from '../bench/notifier-bed.ts'
import { happeningNow, transition } from './notification/testdata/rollouts.ts'

function inChannel(name: string, channel: string): Partial<Rollout> {
  return { name, uid: `uid-of-${name}`, namespaceAnnotations: { 'hermod.uswitch.com/slack': channel } }
}

function texts(bed: NotifierBed, channel: string): string[] {
  return bed.slack.messages(channel).map(({ text }) => text ?? '')
}

describe('a namespace that names', { concurrency: 3 }, () => {
  it('a channel as long as an annotation gets is refused, and everybody else is told', async () => {
    await using bed = await startBed()
    await using notifier = await bed.start({ SLACK_FALLBACK_CHANNEL: 'ops' })
    await bed.publish(happeningNow('started', 1, inChannel('a', `${'\u90e8'.repeat(499)}!`)))
    await bed.publish(happeningNow('started', 1, inChannel('b', 'deploys')))
    await eventually(() => assert.equal(texts(bed, 'deploys').length, 1))
    await eventually(() =>
      assert.match(texts(bed, 'ops')[0] ?? '', /does not post to #\u90e8+\u2026: it is no name/u),
    )
    const checks = notifier.health.readiness().checks
    assert.match(checks.find(({ name }) => name === 'channels')?.detail ?? '', /\u90e8.*is no name or id/u)
  })

  it('a channel of the longest letters gets its digest all the same', async () => {
    const channel = '\u{20000}'.repeat(80)
    await using bed = await startBed({ channels: ['deploys', channel] })
    const tenMinutesAgo = new Date(Date.now() - 10 * 60_000).toISOString()
    for (let app = 0; app < 4; app++) {
      const name = `${app}${'.a'.repeat(120)}`
      await bed.publish(
        transition('succeeded', 2, { ...inChannel(name, channel), phase: 'complete' }, tenMinutesAgo),
      )
    }
    await using _notifier = await bed.start()
    await eventually(() => assert.match(texts(bed, channel)[0] ?? '', /4 rolled out/), { timeoutMs: 30_000 })
  })
})
