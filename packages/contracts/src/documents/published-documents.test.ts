import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import asyncApiSpecs from '@asyncapi/specs'
import { Ajv } from 'ajv'
import { partitionOf } from '../partition.ts'
import { escapeToken, rolloutSubject } from '../subjects.ts'
import { asyncApiDocument } from './async-api.ts'
import { publishedDocuments, publishedFolder } from './published-documents.ts'

test('the published documents are what the sources say (npm run docs writes them)', () => {
  for (const [path, text] of publishedDocuments()) {
    assert.ok(
      readFileSync(join(publishedFolder, path), 'utf8') === text,
      `${path} is out of date: npm run docs`,
    )
  }
})

test('the AsyncAPI document is one by the schema that AsyncAPI publishes', () => {
  const ajv = new Ajv({ strict: false, validateFormats: false })
  const validate = ajv.compile({ ...asyncApiSpecs.schemasWithoutId['3.0.0'] } as object)
  assert.ok(validate(asyncApiDocument()), JSON.stringify(validate.errors?.slice(0, 3)))
})

test('every reference of the AsyncAPI document leads somewhere', () => {
  const document = asyncApiDocument()
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, to]) => to ?? '')
  assert.ok(references.length > 20)
  for (const reference of references) {
    const [file = '', pointer = ''] = reference.split('#')
    if (file !== '') assert.ok(publishedDocuments().has(file.replace('./', '')), reference)
    else {
      const steps = pointer.split('/').slice(1)
      const found = steps.reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], document)
      assert.ok(found !== undefined, reference)
    }
  }
})

test('what the document says of partitions and tokens is what the code does', () => {
  const text = JSON.stringify(asyncApiDocument())
  const checkout = { cluster: 'prod', namespace: 'shop', name: 'checkout' }
  assert.ok(text.includes(`\`prod/shop/checkout\` of 16 is ${partitionOf(checkout, 16)}.`))
  assert.ok(text.includes(`\`web.v2\` is \`${escapeToken('web.v2')}\``))
  const subject = rolloutSubject(checkout, 'failed', 16).split('.')
  const { transitions } = asyncApiDocument()['channels'] as Record<string, { address: string }>
  assert.equal(transitions?.address.split('.').length, subject.length)
})
