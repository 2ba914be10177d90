import assert from 'node:assert/strict'
import { test } from 'node:test'
import { annotationProblems, ownAnnotations } from './annotation-problems.ts'

const problemsOf = (annotation: string, value: string): string[] =>
  annotationProblems('Namespace', { [`hermod.uswitch.com/${annotation}`]: value }).map(
    ({ problem }) => problem,
  )

// Each of these the notifier goes by: a complaint would stand on a card that was posted as its author wanted.
for (const [annotation, value] of [
  ['slack', 'deploys'],
  ['slack', '#deploys, C0123456789'],
  ['slack', 'deploys #ops C0123456789'],
  ['slack', 'deploys,,other'],
  ['slack', 'größe_1'],
  ['slack', `C${'0'.repeat(21)}`],
  ['slack', ''],
  ['slack', 'a,b,c,d,e,f,g,h,i,j,A'],
  ['alert', 'failure'],
  ['alert', 'all'],
  ['mention', 'U0123456789, S0123456789'],
  ['mention', 'U0123456789 S0123456789'],
  ['mention', ''],
  ['gitsha', 'anything'],
] as const) {
  test(`${annotation}: "${value}" is fine`, () => assert.deepEqual(problemsOf(annotation, value), []))
}

const noChannel = /^is no Slack channel: write a name like /
const nobody = /^mentions nobody: write ids /

for (const [annotation, value, told] of [
  ['slack', '<!channel>', noChannel],
  ['slack', 'x'.repeat(81), noChannel],
  ['slack', 'U0123456789', noChannel],
  ['slack', 'D0123456789', noChannel],
  ['slack', 'deploys U0123456789 <!here> ops', /^is used without U0123456789, <!here>: write a name like /],
  ['slack', 'a b c d e f g h i j k', /^is used without k: .*at most 10/],
  ['alert', 'sometimes', /^is no alert level: /],
  ['alert', '', /^is no alert level: /],
  ['mention', '@here', nobody],
  ['mention', `U${'0'.repeat(21)}`, nobody],
  ['mention', 'U0123456789 @here', /^is used without @here: write ids /],
] as const) {
  test(`${annotation}: "${value.slice(0, 40)}" is told to its author`, () => {
    const problems = problemsOf(annotation, value)
    assert.equal(problems.length, 1)
    assert.match(problems[0] ?? '', told)
  })
}

test('a complaint is short enough for the small print, however much cannot be used', () => {
  const [problem = ''] = problemsOf('slack', `deploys ${'!'.repeat(400)}`)
  assert.match(problem, /^is used without !+…: write a name like /)
  assert.ok(problem.length <= 160, `${problem.length}`)
})

test('of the annotations only ours travel, cut to a bearable length', () => {
  const own = ownAnnotations({
    'hermod.uswitch.com/slack': 'x'.repeat(10_000),
    'kubectl.kubernetes.io/last': 'secret',
  })
  assert.deepEqual(Object.keys(own), ['hermod.uswitch.com/slack'])
  assert.ok((own['hermod.uswitch.com/slack']?.length ?? 0) <= 500)
})
