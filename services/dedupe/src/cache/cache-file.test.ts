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

  const notJson = 'it is not JSON'
  const noEvents = 'it has no object "events"'
  const noEntry = 'the entry "web" has no type and spec'
  for (const [what, text, problem] of [
    ['empty', '', notJson],
    ['cut off', python.slice(0, 200), notJson],
    ['a list', '[]', noEvents],
    ['null', 'null', noEvents],
    ['a text', '"events"', noEvents],
    ['without events', '{}', noEvents],
    ['with events that are a list', '{"events":[]}', noEvents],
    ['with events that are null', '{"events":null}', noEvents],
    ['with an entry that is no entry', '{"events":{"web":1}}', noEntry],
    ['with an entry without spec', '{"events":{"web":{"type":"ADDED","object":{}}}}', noEntry],
    ['with a spec that is a list', '{"events":{"web":{"type":"ADDED","object":{"spec":[]}}}}', noEntry],
    ['with a type that is none', '{"events":{"web":{"type":"GONE","object":{"spec":{}}}}}', noEntry],
    ['with one entry of two', `{"events":{"api":{"type":"ADDED","object":{"spec":{}}},"web":{}}}`, noEntry],
  ] as const) {
    test(`is unparsable when it is ${what}`, () => {
      assert.deepEqual(parseCacheFile(text), { kind: 'unparsable', problem })
    })
  }

  test('is written in the order of the names, whatever came first', () => {
    const entry = { type: 'DELETED', spec: {} } as const
    const text = writeCacheFile(
      new Map([
        ['b', entry],
        ['a', entry],
        ['c', entry],
      ]),
    )
    assert.equal(
      text,
      writeCacheFile(
        new Map([
          ['c', entry],
          ['b', entry],
          ['a', entry],
        ]),
      ),
    )
    assert.deepEqual(text.match(/"[abc]"/g), ['"a"', '"b"', '"c"'])
  })

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

/** What the API fills in. */
const bareKeys = new Set([
  'protocol',
  'failureThreshold',
  'periodSeconds',
  'successThreshold',
  'timeoutSeconds',
  'scheme',
  'terminationMessagePath',
  'apiVersion',
  'defaultMode',
  'dnsPolicy',
  'restartPolicy',
  'schedulerName',
  'terminationGracePeriodSeconds',
])

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

  const template = (fields: object): Record<string, unknown> => ({
    template: { metadata: { labels: { a: 'b' } }, ...fields },
  })
  const container = (fields: object): Record<string, unknown> =>
    template({ spec: { containers: [{ name: 'app', image: 'a', ...fields }] } })

  for (const [what, filledIn, other] of [
    [
      'how it may be reached',
      container({ ports: [{ containerPort: 1, protocol: 'TCP' }] }),
      container({ ports: [{ containerPort: 1, protocol: 'UDP' }] }),
    ],
    [
      'how often it is probed',
      container({
        livenessProbe: {
          tcpSocket: { port: 1 },
          failureThreshold: 3,
          periodSeconds: 10,
          successThreshold: 1,
          timeoutSeconds: 1,
        },
      }),
      container({
        livenessProbe: {
          tcpSocket: { port: 1 },
          failureThreshold: 3,
          periodSeconds: 10,
          successThreshold: 1,
          timeoutSeconds: 2,
        },
      }),
    ],
    [
      'over what it is probed',
      container({ livenessProbe: { httpGet: { port: 1, scheme: 'HTTP' } } }),
      container({ livenessProbe: { httpGet: { port: 1, scheme: 'HTTPS' } } }),
    ],
    [
      'where it leaves its last words',
      container({ terminationMessagePath: '/dev/termination-log' }),
      container({ terminationMessagePath: '/tmp/log' }),
    ],
    [
      'which version a field is of',
      container({ env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'b', apiVersion: 'v1' } } }] }),
      container({ env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'b', apiVersion: 'v2' } } }] }),
    ],
    [
      'with which rights files lie there',
      template({ spec: { volumes: [{ name: 'a', secret: { secretName: 'b', defaultMode: 420 } }] } }),
      template({ spec: { volumes: [{ name: 'a', secret: { secretName: 'b', defaultMode: 256 } }] } }),
    ],
    [
      'how names are resolved',
      template({ spec: { dnsPolicy: 'ClusterFirst' } }),
      template({ spec: { dnsPolicy: 'Default' } }),
    ],
    [
      'when it is started again',
      template({ spec: { restartPolicy: 'Always' } }),
      template({ spec: { restartPolicy: 'Never' } }),
    ],
    [
      'who gives it a node',
      template({ spec: { schedulerName: 'default-scheduler' } }),
      template({ spec: { schedulerName: 'mine' } }),
    ],
    [
      'how long it may take to stop',
      template({ spec: { terminationGracePeriodSeconds: 30 } }),
      template({ spec: { terminationGracePeriodSeconds: 60 } }),
    ],
  ] as const) {
    const bare = JSON.parse(
      JSON.stringify(filledIn, (key, value: unknown) => (bareKeys.has(key) ? undefined : value)),
    ) as Record<string, unknown>
    test(`is the same when the API fills in ${what}, and another when somebody does`, () => {
      assert.notDeepEqual(bare, filledIn)
      assert.ok(samePodTemplate(bare, filledIn))
      assert.ok(!samePodTemplate(bare, other))
    })
  }

  for (const key of [
    'annotations',
    'labels',
    'limits',
    'matchLabels',
    'nodeSelector',
    'options',
    'overhead',
    'requests',
    'volumeAttributes',
  ]) {
    test(`takes each key under ${key} as it is spelled, and leaves none of their values out`, () => {
      const under = (fields: object): Record<string, unknown> => template({ [key]: fields })
      assert.ok(!samePodTemplate(under({ my_key: 'a' }), under({ myKey: 'a' })))
      assert.ok(!samePodTemplate(under({ protocol: 'TCP', x: 'a' }), under({ x: 'a' })))
      assert.ok(samePodTemplate(under({ a: '1', b: '2' }), under({ b: '2', a: '1' })))
    })
  }

  for (const [what, one, other, same] of [
    ['nothing and a template that is null', {}, { template: null }, true],
    ['nothing and an empty template', {}, { template: { spec: {}, metadata: { labels: null } } }, true],
    ['nothing and a template', {}, template({}), false],
    ['an empty list and no list', template({ volumes: [] }), template({}), true],
    ['a list of nothing and no list', template({ volumes: [null] }), template({}), false],
    ['lists in another order', template({ args: ['a', 'b'] }), template({ args: ['b', 'a'] }), false],
    ['values that only look alike', template({ value: '1' }), template({ value: 1 }), false],
    ['false and nothing', template({ tty: false }), template({}), false],
    ['an item that looks like a default', template({ args: ['Always'] }), template({ args: [] }), false],
    ['the spellings of two clients', template({ host_i_p_c: true }), template({ hostIPC: true }), true],
    [
      'a label called __proto__ and none',
      template(JSON.parse('{"labels":{"__proto__":"a"}}') as object),
      template({}),
      false,
    ],
  ] as const) {
    test(`holds ${what} for ${same ? 'one' : 'two'}`, () => {
      assert.equal(samePodTemplate(one, other), same)
      assert.equal(samePodTemplate(other, one), same)
    })
  }

  test('keeps apart labels that differ in a way that makes no difference in field names', () => {
    const labelled = (labels: object): Record<string, unknown> => ({ template: { metadata: { labels } } })
    assert.ok(!samePodTemplate(labelled({ my_team: 'a' }), labelled({ myTeam: 'a' })))
  })
})
