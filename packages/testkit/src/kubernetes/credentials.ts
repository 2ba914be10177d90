import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface Credentials {
  /** Bearer token of a user in `system:masters`. */
  readonly adminToken: string
  readonly tokenFile: string
  readonly serviceAccountKey: string
  readonly serviceAccountPublicKey: string
}

/** Makes what the control plane's parts know each other by; a folder that has it already is read. */
export async function makeCredentials(folder: string): Promise<Credentials> {
  const tokenFile = join(folder, 'tokens.csv')
  const serviceAccountKey = join(folder, 'service-account.key')
  const serviceAccountPublicKey = join(folder, 'service-account.pub')
  const known = await readToken(tokenFile)
  if (known) return { adminToken: known, tokenFile, serviceAccountKey, serviceAccountPublicKey }

  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'sec1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  await writeFile(serviceAccountKey, privateKey, { mode: 0o600 })
  await writeFile(serviceAccountPublicKey, publicKey)
  const adminToken = randomBytes(24).toString('hex')
  await writeFile(tokenFile, `${adminToken},admin,admin,system:masters\n`, { mode: 0o600 })
  return { adminToken, tokenFile, serviceAccountKey, serviceAccountPublicKey }
}

async function readToken(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).split(',')[0]
  } catch {
    return undefined
  }
}

/** Writes a kubeconfig that names the authority by file and holds the token. */
export async function writeKubeconfig(
  path: string,
  { url, caFile, token, user }: { url: string; caFile: string; token: string; user: string },
): Promise<string> {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'testkit', cluster: { server: url, 'certificate-authority': caFile } }],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: 'testkit', context: { cluster: 'testkit', user } }],
    'current-context': 'testkit',
  }
  await writeFile(path, JSON.stringify(config, undefined, 2), { mode: 0o600 })
  return path
}
