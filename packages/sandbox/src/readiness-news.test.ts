import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ReadinessAnswer, readinessNews, type Watched } from './readiness-news.ts'

const ready: ReadinessAnswer = { ready: true, checks: [] }
const waiting: ReadinessAnswer = {
  ready: false,
  checks: [
    { name: 'nats', ok: false, detail: 'connection refused' },
    { name: 'slack', ok: true },
  ],
}

function newsOf(...answers: readonly [atMs: number, answer: ReadinessAnswer][]): string[] {
  let watched: Watched | undefined
  return answers.flatMap(([atMs, answer]) => {
    const step = readinessNews(watched, answer, atMs)
    watched = step.watched
    return step.news === undefined ? [] : [`${atMs} ${step.news}`]
  })
}

test('the first readiness is told at once', () => {
  assert.deepEqual(newsOf([0, undefined], [500, ready], [9_000, ready]), ['500 is ready'])
})

test('what a service waits for is told once, when it has waited for three seconds', () => {
  const told = newsOf(
    [0, waiting],
    [2_000, waiting],
    [3_000, waiting],
    [60_000, waiting],
    [61_000, ready],
    [64_000, ready],
  )
  assert.deepEqual(told, ['3000 waits for nats (connection refused)', '64000 is ready'])
})

test('a restart of something is no news', () => {
  assert.deepEqual(newsOf([0, ready], [1_000, undefined], [2_000, waiting], [3_000, ready]), ['0 is ready'])
})
