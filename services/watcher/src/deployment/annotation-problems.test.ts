import assert from 'node:assert/strict'
import { test } from 'node:test'
import { annotationProblems, ownAnnotations } from './annotation-problems.ts'

const problemsOf = (annotation: string, value: string): number =>
  annotationProblems('Namespace', { [`hermod.uswitch.com/${annotation}`]: value }).length

for (const [annotation, value] of [
  ['slack', 'deploys'],
  ['slack', '#deploys, C0123456789'],
  ['slack', 'größe_1'],
  ['alert', 'failure'],
  ['mention', 'U0123456789, S0123456789'],
  ['gitsha', 'anything'],
] as const) {
  test(`${annotation}: ${value} is fine`, () => assert.equal(problemsOf(annotation, value), 0))
}

for (const [annotation, value] of [
  ['slack', 'two words'],
  ['slack', 'deploys,,other'],
  ['slack', '<!channel>'],
  ['slack', 'x'.repeat(81)],
  ['alert', 'sometimes'],
  ['mention', '@here'],
] as const) {
  test(`${annotation}: ${value.slice(0, 20)} is told to its author`, () =>
    assert.equal(problemsOf(annotation, value), 1))
}

test('of the annotations only ours travel, cut to a bearable length', () => {
  const own = ownAnnotations({
    'hermod.uswitch.com/slack': 'x'.repeat(10_000),
    'kubectl.kubernetes.io/last': 'secret',
  })
  assert.deepEqual(Object.keys(own), ['hermod.uswitch.com/slack'])
  assert.ok((own['hermod.uswitch.com/slack']?.length ?? 0) <= 500)
})
