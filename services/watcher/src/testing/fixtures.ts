import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import type { Digester } from '../deployment/template-digest.ts'
import { asWire, type Wire } from '../deployment/wire.ts'

/** A real object from `deployment/testdata`, as the API server gave it. */
export function readFixture<T>(name: string): Wire<T> {
  const file = new URL(`../deployment/testdata/${name}.yaml`, import.meta.url)
  return asWire<T>(parse(readFileSync(file, 'utf8')))
}

export const testDigester: Digester = {
  keyId: 'test',
  digest: (text) => createHmac('sha256', 'test').update(text).digest('base64url').slice(0, 22),
}
