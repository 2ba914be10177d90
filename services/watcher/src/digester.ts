import { createHash, createHmac } from 'node:crypto'
import type { Secret } from '@hermod/runtime'
import type { Digester } from './deployment/template-digest.ts'

/**
 * HMAC-SHA256, 128 bits of it. Without a key of our own the Deployment's uid is the key: digests of one Deployment
 * can be compared and nothing else, but whoever knows the uid could guess values of env.
 */
export function digesters(digestKey: Secret | undefined): (deploymentUid: string) => Digester {
  if (digestKey === undefined) return (uid) => ({ keyId: 'uid', digest: (text) => hmac(uid, text) })
  const key = digestKey.reveal()
  const keyId = createHash('sha256').update(`hermod digest key ${key}`).digest('hex').slice(0, 8)
  return (uid) => ({ keyId, digest: (text) => hmac(key, `${uid} ${text}`) })
}

function hmac(key: string, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64url').slice(0, 22)
}
