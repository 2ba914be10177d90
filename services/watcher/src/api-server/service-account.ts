import { readFile } from 'node:fs/promises'
import type { CredentialSource } from './api-transport.ts'

/**
 * A pod's own identity. Token and CA are small files that Kubernetes replaces while the pod runs, so both are
 * read at each request and a rotation needs no further thought.
 */
export function serviceAccount(server: string, folder: string): CredentialSource {
  return async () => {
    const [token, ca] = await Promise.all([read(`${folder}/token`), read(`${folder}/ca.crt`)])
    return { server, headers: { authorization: `Bearer ${token.trim()}` }, tls: { ca } }
  }
}

async function read(path: string): Promise<string> {
  return await readFile(path, 'utf8')
}
