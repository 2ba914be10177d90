import { checkNatsConfig, type NatsConfig, natsSettings } from '@hermod/jetstream'
import { type Secret, type SettingProblem, type SettingsOf, setting } from '@hermod/runtime'

export interface WatcherConfig extends NatsConfig {
  readonly cluster: string
  readonly namespaces: readonly string[]
  readonly annotatedNamespaces: boolean
  readonly kubeconfig: string | undefined
  readonly apiHost: string | undefined
  readonly apiPort: number
  readonly serviceAccountDir: string
  readonly repoUrlAnnotation: string
  readonly commitShaAnnotation: string
  readonly gitAnnotationWarning: boolean
  readonly digestKey: Secret | undefined
  /** Only whether it is set matters here: then full specs are published for the cache that dedupe keeps. */
  readonly artifactoryUrl: string | undefined
}

export const watcherSettings: SettingsOf<WatcherConfig> = {
  ...natsSettings,
  cluster: setting.string({
    variable: 'CLUSTER_NAME',
    default: 'default',
    about: 'the name of this Kubernetes cluster in messages; no two clusters may share one',
  }),
  namespaces: setting.words({
    variable: 'NAMESPACES',
    default: [],
    about: 'namespaces to watch whatever their annotations say, separated by white space; * = all',
  }),
  annotatedNamespaces: setting.boolean({
    variable: 'ANNOTATED_NAMESPACES',
    default: true,
    about:
      'whether namespaces annotated with hermod.uswitch.com/slack are watched; false = those of NAMESPACES alone',
  }),
  kubeconfig: setting.string({
    variable: ['KUBE_CONFIG', 'KUBECONFIG'],
    flag: 'kubeconfig',
    optional: true,
    about: 'the path of a kubeconfig; the service account of the pod if not set',
  }),
  apiHost: setting.string({
    variable: 'KUBERNETES_SERVICE_HOST',
    optional: true,
    about: 'the API server as a pod sees it; Kubernetes sets it',
  }),
  apiPort: setting.integer({
    variable: 'KUBERNETES_SERVICE_PORT',
    default: 443,
    min: 1,
    max: 65_535,
    about: 'the port of KUBERNETES_SERVICE_HOST; Kubernetes sets it',
  }),
  serviceAccountDir: setting.string({
    variable: 'SERVICE_ACCOUNT_DIR',
    default: '/var/run/secrets/kubernetes.io/serviceaccount',
    about: 'where the token and ca.crt of the pod are, used without a kubeconfig',
  }),
  repoUrlAnnotation: setting.string({
    flag: 'repo-url-annotation',
    variable: 'REPO_URL_ANNOTATION',
    default: 'hermod.uswitch.com/gitrepo',
    about: 'the annotation that names the git repository of a Deployment',
  }),
  commitShaAnnotation: setting.string({
    flag: 'commit-sha-annotation',
    variable: 'COMMIT_SHA_ANNOTATION',
    default: 'hermod.uswitch.com/gitsha',
    about: 'the annotation that names the commit of a Deployment',
  }),
  gitAnnotationWarning: setting.boolean({
    flag: 'git-annotation-warning',
    variable: 'GIT_ANNOTATION_WARNING',
    default: false,
    about: 'whether a Deployment without those annotations is worth a warning in the log',
  }),
  digestKey: setting.secret({
    variable: 'DIGEST_KEY',
    optional: true,
    about: 'the key of the digests that stand for values of env; the uid of each Deployment if not set',
  }),
  artifactoryUrl: setting.url({
    variable: 'ARTIFACTORY_URL',
    optional: true,
    about: 'set as for dedupe: then full specs are published for its cache',
  }),
}

const namespaceName = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/** Rules over several settings. */
export function checkWatcherConfig(config: WatcherConfig): readonly SettingProblem[] {
  const problems = [...checkNatsConfig(config)]
  if (config.kubeconfig === undefined && config.apiHost === undefined) {
    problems.push({
      name: 'KUBECONFIG',
      problem: 'is not set and this is no pod',
      remedy: 'give a kubeconfig by KUBECONFIG, KUBE_CONFIG or --kubeconfig, or run in a cluster',
    })
  }
  const odd = config.namespaces.filter((name) => name !== '*' && !namespaceName.test(name))
  if (odd.length > 0) {
    problems.push({
      name: 'NAMESPACES',
      problem: `names what no namespace can be called: ${odd.join(' ')}`,
      remedy: 'write names of lower-case letters, digits and hyphens, separated by white space, or *',
    })
  }
  if (!config.annotatedNamespaces && config.namespaces.length === 0) {
    problems.push({
      name: 'NAMESPACES',
      problem: 'is empty while ANNOTATED_NAMESPACES is false',
      remedy: 'name the namespaces to watch',
    })
  }
  return problems
}
