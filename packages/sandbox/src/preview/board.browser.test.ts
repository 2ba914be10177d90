import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { eventually, type NatsServer, type OpenBrowser, openBrowser, startNatsServer } from '@hermod/testkit'
import { startPreview } from './preview-server.ts'
import { callSlack } from './testing/card-samples.ts'
import { accessibilityProblems, lookAt } from './testing/look-at.ts'
import { openPreview } from './testing/open-preview.ts'
import { connectSpeaker, sampleRollout, sayState, sayTransition } from './testing/rollout-samples.ts'

let browser: OpenBrowser
let nats: NatsServer

before(async () => {
  browser = await openBrowser()
  nats = await startNatsServer({ syncAlways: false })
})
after(async () => {
  await nats[Symbol.asyncDispose]()
  await browser[Symbol.asyncDispose]()
})

/** Plain messages are for those who listen already: says it again until the page has heard. */
async function until(heard: () => Promise<boolean>, say: () => void): Promise<void> {
  await eventually(async () => {
    say()
    assert.ok(await heard())
  })
}

for (const colorScheme of ['light', 'dark'] as const) {
  it(`the board follows rollouts over NATS alone, in ${colorScheme}`, async () => {
    await using speaker = await connectSpeaker(nats.url)
    await using preview = await openPreview(browser, {
      path: 'board',
      colorScheme,
      nats: { servers: [nats.url] },
    })
    const { page } = preview
    const stoodThere = { name: 'catalog', uid: 'u3', phase: 'complete' } as const
    const progress = page.getByText('3 of 5 updated, 5 available')
    await until(
      () => progress.isVisible(),
      () => {
        sayState(speaker, 0, sampleRollout(stoodThere))
        sayState(speaker, 1, sampleRollout())
      },
    )
    assert.equal(await page.getByText('new image: 2.4.0 → 2.4.1').count(), 1)
    const { times } = sampleRollout()
    const finishedAt = new Date().toISOString()
    sayState(speaker, 2, sampleRollout({ phase: 'complete', times: { ...times, finishedAt } }))
    const failed = { name: 'cart', uid: 'u2', phase: 'failed', reason: 'ProgressDeadlineExceeded' } as const
    sayState(speaker, 3, sampleRollout({ ...failed, times: { ...times, failedAt: finishedAt } }))
    await page.getByText('Nothing is rolling out.').waitFor()
    assert.equal(await page.getByText('shop/catalog').count(), 0)
    const recent = page.getByRole('region', { name: 'Recent rollouts' })
    await recent.getByRole('row', { name: 'shop/checkout complete' }).waitFor()
    await recent.getByRole('row', { name: 'shop/cart failed ProgressDeadlineExceeded' }).waitFor()
    await page.getByRole('figure', { name: 'Seconds until live, by Deployment' }).locator('canvas').waitFor()
    await page.getByRole('figure', { name: 'Failed rollouts in per cent' }).locator('canvas').waitFor()
    assert.deepEqual(await accessibilityProblems(page), [])
  })
}

it('behind a card stand the transitions that led to it', async () => {
  await using speaker = await connectSpeaker(nats.url)
  await using preview = await openPreview(browser, { nats: { servers: [nats.url] } })
  const { slack, page } = preview
  const key = `card.3.sandbox.shop.checkout.${sampleRollout().uid}.2`
  await callSlack(slack, 'chat.postMessage', {
    channel: 'shop-deploys',
    text: 'checkout is stuck',
    metadata: { event_type: 'hermod_card', event_payload: { key } },
  })
  await page.getByRole('button', { name: 'Behind it' }).click()
  const told = page.getByText('NATS stalled (ImagePullBackOff), 3 of 5 updated, 5 available').first()
  const stalled = sampleRollout({ phase: 'stalled', reason: 'ImagePullBackOff' })
  await until(
    () => told.isVisible(),
    () => sayTransition(speaker, 'stalled', 2, stalled),
  )
})

// As the shipped authorization has them; to publish, or to make a consumer, is not among them.
const reader = '{ publish { deny: ">" }, subscribe = ["_INBOX_reader.>", "hermod.state.>"] }'

it('the board alone needs the rights of a reader and no Slack', async () => {
  const config = `authorization { users = [
    { user: reader, password: read, permissions ${reader} }
    { user: speaker, password: speak }
  ] }`
  await using guarded = await startNatsServer({ syncAlways: false, config })
  const credentials = (user: string, password: string) => () =>
    ({ kind: 'password', user, password }) as const
  await using speaker = await connectSpeaker(guarded.url, credentials('speaker', 'speak'))
  const nats = {
    servers: [guarded.url],
    user: 'reader',
    credentials: credentials('reader', 'read'),
  }
  await using preview = await startPreview({ nats })
  await using shown = await lookAt(browser, preview.url)
  const { page } = shown
  await until(
    () => page.getByText('3 of 5 updated, 5 available').isVisible(),
    () => sayState(speaker, 1, sampleRollout()),
  )
  assert.match(page.url(), /\/board$/)
  assert.equal(await page.getByRole('link', { name: 'Slack' }).count(), 0)
})
