import type { CredentialSource } from './api-server/api-transport.ts'
import { kubeconfig } from './api-server/kubeconfig.ts'
import { serviceAccount } from './api-server/service-account.ts'
import type { WatcherConfig } from './config.ts'

/** A kubeconfig where one is given, else the identity that the pod was born with. */
export function apiAccess({
  kubeconfig: path,
  apiHost = '',
  apiPort,
  serviceAccountDir,
}: WatcherConfig): CredentialSource {
  if (path !== undefined) return kubeconfig(path)
  const host = apiHost.includes(':') ? `[${apiHost}]` : apiHost
  return serviceAccount(`https://${host}:${apiPort}`, serviceAccountDir)
}
