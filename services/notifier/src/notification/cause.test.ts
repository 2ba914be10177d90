import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { causeLines } from './cause.ts'
import { cause, rollout } from './testdata/rollouts.ts'

// As containerd words them behind kubelet's `failed to pull and unpack image "…": `, containerd 1.7 and 2.x.
const pulls: readonly (readonly [message: string, told: string])[] = [
  [
    'failed to resolve reference "docker.io/library/nginx:9.99": docker.io/library/nginx:9.99: not found',
    'not found',
  ],
  [
    'failed to resolve reference "docker.io/shop/chekout:2": pull access denied, repository does not exist or may ' +
      'require authorization: server message: insufficient_scope: authorization failed',
    'not there, or not allowed',
  ],
  [
    'failed to resolve reference "registry.example/checkout:2": unexpected status from HEAD request to ' +
      'https://registry.example/v2/checkout/manifests/2: 403 Forbidden',
    'not allowed',
  ],
  ['no match for platform in manifest: not found', 'not built for the platform of the node'],
  [
    'failed to copy: httpReadSeeker: failed open: unexpected status code 429 Too Many Requests - Server message: ' +
      'toomanyrequests: You have reached your pull rate limit.',
    'refused for now, the registry limits pulls',
  ],
  [
    'failed to resolve reference "registry.exmple/checkout:2": failed to do request: Head ' +
      '"https://registry.exmple/v2/checkout/manifests/2": dial tcp: lookup registry.exmple: no such host',
    'not reached, the registry does not answer',
  ],
  ['no space left on device', 'no space left on device'],
]

describe('why an image cannot be pulled', () => {
  for (const [message, told] of pulls) {
    it(`says "${told}"`, () => {
      const bad = cause({
        reason: 'ErrImagePull',
        message: `failed to pull and unpack image "…": ${message}`,
      })
      const diagnosis = { causes: [bad], newPods: 1, oldPods: 0, oldPodsFailingAlike: 0 }
      const [line = ''] = causeLines(rollout({ phase: 'stalled', reason: 'ErrImagePull', diagnosis }))
      assert.ok(line.endsWith(` ${told}`), line)
    })
  }
})
