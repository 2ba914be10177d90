import { readFile, stat } from 'node:fs/promises'
import type { RequestOptions } from 'node:https'
import { dirname, resolve } from 'node:path'
import type { KubeConfig } from '@kubernetes/client-node'
import { field, text } from './api-object.ts'
import type { ApiCredentials, CredentialSource } from './api-transport.ts'

type ApplicableOptions = RequestOptions & ApiCredentials['tls']

interface Loaded {
  readonly config: KubeConfig
  /** Read at each request: whoever writes it replaces it before the token expires. */
  readonly tokenFile: string | undefined
}

/**
 * The identity of a kubeconfig's current context, with all the ways to log in that client-node knows, and
 * `tokenFile`, which it does not. The library is loaded only here: it costs 49 MiB that a pod with a service
 * account never needs.
 */
export function kubeconfig(path: string): CredentialSource {
  let loaded: (Loaded & { readonly version: string }) | undefined

  const read = async (renew: boolean): Promise<ApiCredentials> => {
    const version = String((await stat(path)).mtimeMs)
    // Loaded anew it has forgotten what a plugin or a file told it.
    if (renew || loaded?.version !== version) loaded = { ...(await load(path)), version }
    return await credentialsOf(loaded, path)
  }
  const ordinary = shared(() => read(false))
  const renewed = shared(() => read(true))
  return async ({ renew }) => await (renew ? renewed() : ordinary())
}

/** Several requests at once must not start an exec plugin several times: they share one answer. */
function shared<T>(make: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<T> | undefined
  return () => {
    underWay ??= make().finally(() => {
      underWay = undefined
    })
    return underWay
  }
}

async function load(path: string): Promise<Loaded> {
  const { KubeConfig, loadYaml } = await import('@kubernetes/client-node')
  const config = new KubeConfig()
  config.loadFromFile(path)
  const users = field(loadYaml<unknown>(await readFile(path, 'utf8')), 'users')
  const current = config.getCurrentUser()?.name
  const entry = (Array.isArray(users) ? users : []).find((each: unknown) => field(each, 'name') === current)
  const tokenFile = text(field(field(entry, 'user'), 'tokenFile'))
  return { config, tokenFile: tokenFile === '' ? undefined : resolve(dirname(path), tokenFile) }
}

async function credentialsOf({ config, tokenFile }: Loaded, path: string): Promise<ApiCredentials> {
  const cluster = config.getCurrentCluster()
  if (cluster === null) throw new Error(`${path} has no current context with a cluster: set current-context`)
  if (cluster.proxyUrl?.startsWith('socks')) {
    throw new Error(`${path} reaches ${cluster.name} by a SOCKS proxy: use an http:// or https:// proxy-url`)
  }
  const options: ApplicableOptions = {}
  await config.applyToHTTPSOptions(options)
  const { ca, cert, key, passphrase, servername, rejectUnauthorized } = options
  return {
    server: cluster.server,
    headers: { ...headersOf(options), ...(tokenFile && { authorization: await bearer(tokenFile) }) },
    tls: {
      ...(ca && { ca }),
      ...(cert && { cert }),
      ...(key && { key }),
      ...(passphrase && { passphrase }),
      ...(servername && { servername }),
      ...(rejectUnauthorized === false && { rejectUnauthorized }),
    },
    ...(cluster.proxyUrl && { proxyUrl: cluster.proxyUrl }),
  }
}

async function bearer(tokenFile: string): Promise<string> {
  return `Bearer ${(await readFile(tokenFile, 'utf8')).trim()}`
}

function headersOf({ headers, auth }: ApplicableOptions): Record<string, string> {
  const given = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)])
  const basic = auth ? [['authorization', `Basic ${Buffer.from(auth).toString('base64')}`]] : []
  return Object.fromEntries([...basic, ...given])
}
