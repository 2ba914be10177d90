import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { renderReply, renderStory } from './render.ts'
import type { RenderSettings } from './render-settings.ts'
import { cardKinds } from './testdata/card-kinds.ts'

// UPDATE_SNAPSHOTS=1 writes them anew, to be read before they are committed.
const folder = new URL('testdata/cards/', import.meta.url)
const update = process.env['UPDATE_SNAPSHOTS'] !== undefined

const settings: RenderSettings = {
  style: 'card',
  linkTemplates: [['logs', 'https://logs.example.com/?q={namespace}/{deployment}@{revision}']],
  linkHostsAllowed: undefined,
}

describe('each kind of card looks as it was reviewed', () => {
  for (const { name, story, about, isReply } of cardKinds) {
    it(name, () => {
      const all = { tellsWord: false, ...about }
      const message =
        isReply && story.kind === 'rollout'
          ? renderReply(story, settings, all)
          : renderStory(story, settings, all)
      const file = new URL(`${name}.json`, folder)
      if (update) {
        mkdirSync(folder, { recursive: true })
        writeFileSync(file, `${JSON.stringify(message, undefined, 2)}\n`)
      }
      assert.deepEqual(message, JSON.parse(readFileSync(file, 'utf8')))
    })
  }
})
