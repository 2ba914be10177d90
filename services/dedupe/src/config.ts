import { type NatsConfig, natsSettings } from '@hermod/jetstream'
import { type Secret, type SettingsOf, setting } from '@hermod/runtime'

/** What dedupe can be told. */
export interface DedupeConfig extends NatsConfig {
  readonly cluster: string
  readonly artifactoryUrl: string | undefined
  readonly artifactoryLogin: Secret | undefined
  readonly ownNamespace: string
  readonly cacheCluster: string | undefined
}

export const dedupeSettings: SettingsOf<DedupeConfig> = {
  ...natsSettings,
  cluster: setting.string({
    variable: 'CLUSTER_NAME',
    default: 'default',
    about: 'the name of this Kubernetes cluster in messages; no two clusters may share one',
  }),
  artifactoryUrl: setting.url({
    variable: 'ARTIFACTORY_URL',
    optional: true,
    about: 'the folder in Artifactory that holds the cache files; no cache if not set',
  }),
  artifactoryLogin: setting.secret({
    variable: 'ARTIFACTORY_LOGIN',
    optional: true,
    about: 'user:password or an access token for ARTIFACTORY_URL; no cache if not set',
  }),
  ownNamespace: setting.string({
    variable: 'OWN_NAMESPACE',
    default: 'default-namespace',
    about: 'the namespace that this runs in, part of the names of the cache files',
  }),
  cacheCluster: setting.string({
    variable: 'CACHE_CLUSTER',
    optional: true,
    about: 'the one cluster whose rollouts are cached; CLUSTER_NAME if not set',
  }),
}

/** What the cache needs, once both its address and a login are there. */
export interface CacheConfig {
  readonly url: string
  readonly login: Secret
  readonly ownNamespace: string
  readonly cluster: string
}

export function cacheConfig(config: DedupeConfig): CacheConfig | undefined {
  const { artifactoryUrl: url, artifactoryLogin: login, ownNamespace, cacheCluster, cluster } = config
  if (url === undefined || login === undefined) return undefined
  return { url, login, ownNamespace, cluster: cacheCluster ?? cluster }
}
