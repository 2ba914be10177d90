import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '../kubernetes/objects.ts'
import { backOffSeconds, noSuchImage, restartBackOff } from './wording.ts'

test('an image is named in full, as containerd names it', () => {
  const names: Record<string, string> = {
    web: 'docker.io/library/web:latest',
    'web:1': 'docker.io/library/web:1',
    'shop/web': 'docker.io/shop/web:latest',
    'registry.test/shop/web:1': 'registry.test/shop/web:1',
    'localhost/web': 'localhost/web:latest',
    'registry.test:5000/web': 'registry.test:5000/web:latest',
    'web@sha256:ab': 'docker.io/library/web@sha256:ab',
  }
  for (const [image, name] of Object.entries(names))
    assert.ok(noSuchImage(image).endsWith(` ${name}: not found`), image)
})

test('back-offs double from 10 s to 5 min and are told as Go tells durations', () => {
  const pod = { metadata: { name: 'web', namespace: 'shop', uid: 'u' } } as Pod
  const told = [1, 2, 3, 4, 5, 6, 7].map((n) => restartBackOff('app', pod, backOffSeconds(n)).split(' ')[1])
  assert.deepEqual(told, ['10s', '20s', '40s', '1m20s', '2m40s', '5m0s', '5m0s'])
})
