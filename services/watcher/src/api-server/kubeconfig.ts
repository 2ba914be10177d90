import { stat } from 'node:fs/promises'
import type { RequestOptions } from 'node:https'
import type { KubeConfig } from '@kubernetes/client-node'
import type { ApiCredentials, CredentialSource } from './api-transport.ts'

type ApplicableOptions = RequestOptions & ApiCredentials['tls']

/**
 * The identity of a kubeconfig's current context, with all the ways to log in that client-node knows. The
 * library is loaded only here: it costs 49 MiB that a pod with a service account never needs.
 */
export function kubeconfig(path: string): CredentialSource {
  let loaded: { readonly config: KubeConfig; readonly version: string } | undefined
  let underWay: Promise<ApiCredentials> | undefined

  const read = async (renew: boolean): Promise<ApiCredentials> => {
    const version = String((await stat(path)).mtimeMs)
    if (renew || loaded?.version !== version) {
      const { KubeConfig } = await import('@kubernetes/client-node')
      const config = new KubeConfig()
      config.loadFromFile(path)
      loaded = { config, version }
    }
    return await credentialsOf(loaded.config, path)
  }

  // Several requests at once must not start an exec plugin several times: they share one answer.
  return async ({ renew }) => {
    underWay ??= read(renew).finally(() => {
      underWay = undefined
    })
    return await underWay
  }
}

async function credentialsOf(config: KubeConfig, path: string): Promise<ApiCredentials> {
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
    headers: headersOf(options),
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

function headersOf({ headers, auth }: ApplicableOptions): Record<string, string> {
  const given = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)])
  const basic = auth ? [['authorization', `Basic ${Buffer.from(auth).toString('base64')}`]] : []
  return Object.fromEntries([...basic, ...given])
}
