import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Ajv, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import { decodeEvent } from './cloud-event.ts'
import { parseDeadLetter } from './dead-letter.ts'
import { parseReceipt } from './delivery-receipt.ts'
import { type DataType, publishedData } from './documents/json-schemas.ts'
import { publishedFolder } from './documents/published-documents.ts'
import type { Parsed } from './parsed.ts'
import { parseRolloutState } from './rollout-state.ts'
import { parseTransition, transitionKinds } from './rollout-transition.ts'
import { parseMarker, parseObserved } from './snapshot-marker.ts'

const folder = join(import.meta.dirname, 'testdata', 'recorded')

const parsers: Readonly<Record<DataType, (data: unknown) => Parsed<object>>> = {
  observation: parseObserved,
  snapshot: parseMarker,
  transition: parseTransition,
  delivery: parseReceipt,
  'dead-letter': parseDeadLetter,
  state: parseRolloutState,
}

interface Recording {
  readonly file: string
  readonly type: DataType
  readonly version: number
  readonly body: Record<string, unknown>
  readonly data: Record<string, unknown>
}

/** What releases wrote while each version was their newest (node test/pipeline/record-messages.ts). */
const recordings: readonly Recording[] = globSync('*/*.json', { cwd: folder }).map((file) => {
  const { body } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { body: Recording['body'] }
  const [type = '', version = ''] = file.split('/')[0]?.split('.') ?? []
  const data = type === 'state' ? body : (body['data'] as Recording['data'])
  return { file, type: type as DataType, version: Number(version), body, data }
})

function read({ type, body }: Pick<Recording, 'type' | 'body'>): Parsed<object> {
  if (type === 'state') return parseRolloutState(body)
  const event = decodeEvent(JSON.stringify(body), parsers[type])
  return event.kind === 'ok' ? { kind: 'ok', value: event.value.data } : event
}

function withData({ type, body }: Recording, data: object): Pick<Recording, 'type' | 'body'> {
  return { type, body: type === 'state' ? { ...data } : { ...body, data } }
}

/** By the published schema of that very version. */
function validatorOf(type: DataType, version: number): ValidateFunction {
  const ajv = new Ajv({ strict: false })
  addFormats.default(ajv)
  const file = join(publishedFolder, 'schemas', `${type}.${version}.json`)
  return ajv.compile(JSON.parse(readFileSync(file, 'utf8')) as object)
}

test('every type and version that was ever published has its recordings, and a transition one of nearly every kind', () => {
  for (const [type, { version }] of Object.entries(publishedData)) {
    for (let each = 1; each <= version; each++)
      assert.ok(
        recordings.some((one) => one.type === type && one.version === each),
        `${type}.${each}`,
      )
  }
  const kinds = new Set(
    recordings.filter(({ type }) => type === 'transition').map(({ data }) => data['kind']),
  )
  // The nodes that are played for the recording mend nothing.
  assert.deepEqual(
    transitionKinds.filter((kind) => !kinds.has(kind)),
    ['recovered'],
  )
})

// A reader of this version would take a value that it does not know for a malformed message.
test('a closed list of a published version never gets another value: that is a new version', () => {
  const lists = (value: unknown): string[] => {
    if (typeof value !== 'object' || value === null) return []
    const own = 'enum' in value && Array.isArray(value.enum) ? [value.enum.join(' ')] : []
    return [...own, ...Object.values(value).flatMap(lists)]
  }
  const files = globSync('*.json', { cwd: join(publishedFolder, 'schemas') })
  const published = files.map((file) => {
    const schema: unknown = JSON.parse(readFileSync(join(publishedFolder, 'schemas', file), 'utf8'))
    return [file, [...new Set(lists(schema))].toSorted()] as const
  })
  const kept: unknown = JSON.parse(readFileSync(join(folder, 'closed-lists.json'), 'utf8'))
  assert.deepEqual(Object.fromEntries(published), kept)
})

for (const recording of recordings) {
  const { file, type, version, data } = recording
  test(`${file} is read as it was written, and is what its published schema says`, () => {
    const parsed = read(recording)
    assert.ok(parsed.kind === 'ok', JSON.stringify(parsed))
    // Dedupe's own part of a state is nobody else's.
    const { dedupe: _, ...published } = data
    assert.deepEqual(parsed.value, published)
    const validate = validatorOf(type, version)
    assert.ok(validate(data), JSON.stringify(validate.errors))
  })

  test(`${file} with a field that only a later release knows is read all the same`, () => {
    assert.deepEqual(read(withData(recording, { ...data, addedLater: 1 })), read(recording))
    assert.ok(validatorOf(type, version)({ ...data, addedLater: 1 }))
  })

  test(`${file} of a newer version is told apart from a malformed one`, () => {
    const newer = publishedData[type].version + 1
    assert.deepEqual(read(withData(recording, { ...data, version: newer })), {
      kind: 'newer',
      version: newer,
    })
    assert.equal(read(withData(recording, { version })).kind, 'malformed')
  })
}
