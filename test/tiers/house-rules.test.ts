import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '..', '..')
const sources = globSync(['packages/*/src/**/*.ts', 'services/*/src/**/*.ts'], { cwd: root })
const product = sources.filter((file) => !file.endsWith('.test.ts') && !file.startsWith('packages/testkit/'))

function linesOf(file: string): readonly string[] {
  return readFileSync(join(root, file), 'utf8').split('\n')
}

/** `file:line` of every line of product code that matches, but for the files that may. */
function places(pattern: RegExp, allowed: RegExp = /^$/): string[] {
  return product
    .filter((file) => !allowed.test(file))
    .flatMap((file) =>
      linesOf(file).flatMap((line, index) =>
        pattern.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [],
      ),
    )
}

test('product files are short: none over 300 lines, half of them under 100', () => {
  const sizes = product
    .map((file) => ({ file, lines: linesOf(file).length - 1 }))
    .sort((a, b) => a.lines - b.lines)
  assert.deepEqual(
    sizes.filter(({ lines }) => lines > 300),
    [],
  )
  assert.ok((sizes[Math.floor(sizes.length / 2)]?.lines ?? 0) < 100)
})

test('main.ts of a service is at most 20 lines, service.ts at most 80', () => {
  for (const file of globSync('services/*/src/{main,service}.ts', { cwd: root })) {
    const most = file.endsWith('main.ts') ? 20 : 80
    assert.ok(linesOf(file).length - 1 <= most, `${file} is over ${most} lines`)
  }
})

test('only two files of packages/jetstream settle messages', () => {
  // By a method of the client, or by the word of the protocol.
  const settling = /\.(ack|nak|term|ackAck|working)\(|['"`](\+ACK|\+TERM|\+WPI|\+NXT|-NAK)/
  assert.deepEqual(places(settling, /^packages\/jetstream\/src\/(consume|pull)\.ts$/), [])
  const settlers = new Set(places(settling).map((place) => place.replace(/:.*/, '')))
  assert.equal(settlers.size, 2, 'a rule that finds nothing where they do it finds nothing elsewhere')
})

test('only a main.ts reads the environment of the process', () => {
  assert.deepEqual(places(/process\.env/, /main\.ts$/), [])
})

test('every package has one door, which lists what goes through it', () => {
  assert.deepEqual(places(/^export \*/), [])
  const elsewhere = places(/from '@hermod\/[a-z]+\//)
  assert.deepEqual(elsewhere, [], 'imports past the door of a package')
})

test('a rule of the linter or the compiler is switched off only with a reason', () => {
  const bare = places(
    /(oxlint|eslint)-disable(?!.* -- \S)|@ts-(ignore|nocheck)|@ts-expect-error\s*$|biome-ignore/,
  )
  assert.deepEqual(bare, [])
})

test('no file is named for nothing', () => {
  assert.deepEqual(
    product.filter((file) => /(^|\/)(utils?|helpers?|common|types|manager|handler)\.ts$/.test(file)),
    [],
  )
})
