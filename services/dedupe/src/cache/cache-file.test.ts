import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { cacheFileName, parseCacheFile, writeCacheFile } from './cache-file.ts'
import { samePodTemplate } from './same-pod-template.ts'

const python = readFileSync(new URL('testdata/python-cache.json', import.meta.url), 'utf8')
const api = JSON.parse(readFileSync(new URL('testdata/api-spec.json', import.meta.url), 'utf8')) as Record<
  string,
  unknown
>

describe('the cache file', () => {
  test('is named as deploy-notifier named it', () => {
    assert.equal(cacheFileName('platform', 'ai-prod'), 'deployment-events-v2-platform-ai-prod.json')
  })

  test('is written as deploy-notifier wrote it, with metadata and status null', () => {
    const text = writeCacheFile(new Map([['web', { type: 'ADDED', spec: { replicas: 2 } }]]))
    assert.deepEqual(JSON.parse(text), {
      events: { web: { type: 'ADDED', object: { spec: { replicas: 2 }, metadata: null, status: null } } },
    })
  })

  test('comes back as it was written, whatever the names', () => {
    const type = fc.constantFrom('ADDED' as const, 'MODIFIED' as const, 'DELETED' as const)
    const entry = type.map((drawn) => ({ type: drawn, spec: { replicas: 1 } }))
    const name = fc.oneof(fc.constantFrom('__proto__', 'constructor'), fc.string({ unit: 'grapheme' }))
    fc.assert(
      fc.property(fc.array(fc.tuple(name, entry)), (drawn) => {
        const entries = new Map(drawn)
        const read = parseCacheFile(writeCacheFile(entries))
        assert.ok(read.kind === 'ok')
        assert.deepEqual(read.entries, entries)
      }),
    )
  })

  for (const [what, text] of [
    ['empty', ''],
    ['cut off', python.slice(0, 200)],
    ['a list', '[]'],
    ['null', 'null'],
    ['without events', '{}'],
    ['with an entry that is no entry', '{"events":{"web":1}}'],
    ['with an entry without spec', '{"events":{"web":{"type":"ADDED","object":{}}}}'],
    ['with a type that is none', '{"events":{"web":{"type":"GONE","object":{"spec":{}}}}}'],
  ] as const) {
    test(`is unparsable when it is ${what}`, () => {
      assert.equal(parseCacheFile(text).kind, 'unparsable')
    })
  }

  test('that anybody may have made never throws and pollutes no prototype', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        parseCacheFile(text)
        assert.equal(Object.hasOwn(Object.prototype, 'type'), false)
      }),
    )
    parseCacheFile('{"events":{"__proto__":{"type":"ADDED","object":{"spec":{"polluted":true}}}}}')
    assert.equal('polluted' in {}, false)
  })

  test('of a key that stands there twice takes the last', () => {
    const event = (replicas: number): string => `{"type":"ADDED","object":{"spec":{"replicas":${replicas}}}}`
    const read = parseCacheFile(`{"events":{"web":${event(1)},"web":${event(2)}}}`)
    assert.ok(read.kind === 'ok')
    assert.deepEqual(read.entries.get('web')?.spec, { replicas: 2 })
  })
})

describe('a pod template', () => {
  const read = parseCacheFile(python)
  assert.ok(read.kind === 'ok')
  const cached = read.entries.get('checkout')?.spec ?? {}

  test('written by the Python client is the one that the API shows', () => {
    assert.ok(samePodTemplate(cached, api))
  })

  test('is the same at another number of replicas', () => {
    assert.ok(samePodTemplate(cached, { ...api, replicas: 7 }))
  })

  test('is the same when the API fills in what is meant anyway, and another when it is not', () => {
    const spec = (extra: object): Record<string, unknown> => ({
      template: { spec: { containers: [{ name: 'app', image: 'a', ...extra }] } },
    })
    assert.ok(samePodTemplate(spec({}), spec({ terminationMessagePolicy: 'File', resources: {} })))
    assert.ok(!samePodTemplate(spec({}), spec({ terminationMessagePolicy: 'FallbackToLogsOnError' })))
  })

  for (const [what, from, to] of [
    ['image', '2.4.0', '2.4.1'],
    ['env value', 'production', 'staging'],
    ['label', '"tier": "web"', '"tier": "Web"'],
    ['probe', '/ready', '/healthy'],
    ['command', '"--port=8080"', '"--port=9090"'],
  ] as const) {
    test(`is another with another ${what}`, () => {
      const changed = JSON.parse(JSON.stringify(api, undefined, 1).replace(from, to)) as typeof api
      assert.notDeepEqual(changed, api)
      assert.ok(!samePodTemplate(cached, changed))
    })
  }

  test('keeps apart labels that differ in a way that makes no difference in field names', () => {
    const labelled = (labels: object): Record<string, unknown> => ({ template: { metadata: { labels } } })
    assert.ok(!samePodTemplate(labelled({ my_team: 'a' }), labelled({ myTeam: 'a' })))
  })
})
