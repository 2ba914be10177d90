import { join } from 'node:path'
import { writeKubeconfig } from './credentials.ts'
import type { KubeApi } from './kube-api.ts'
import { KubeApiError } from './kube-api-error.ts'

export interface PolicyRule {
  readonly apiGroups?: readonly string[]
  readonly resources?: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly nonResourceURLs?: readonly string[]
  readonly verbs: readonly string[]
}

export interface ServiceAccountOptions {
  readonly name: string
  /** Where it lives; made when missing. `default` by default. */
  readonly namespace?: string
  readonly rules: readonly PolicyRule[]
  /** Grants the rules in these namespaces only, by a Role in each; by default a ClusterRole grants them everywhere. */
  readonly onlyIn?: readonly string[]
}

export interface ServiceAccount {
  /** Bearer token, good for an hour. Unlike the admin's it meets RBAC and the server's request queues. */
  readonly token: string
  /** Path of a kubeconfig with this token. */
  readonly kubeconfig: string
}

/** Makes a service account, its rights, and a token for it. Role and binding have its name. */
export async function createServiceAccount(
  api: KubeApi,
  where: { readonly url: string; readonly caFile: string; readonly folder: string },
  { name, namespace = 'default', rules, onlyIn }: ServiceAccountOptions,
): Promise<ServiceAccount> {
  await makeNamespace(api, namespace)
  await api.create(`/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata: { name } })
  const kind = onlyIn ? 'Role' : 'ClusterRole'
  const scopes = onlyIn?.map((granted) => `namespaces/${granted}/`) ?? ['']
  for (const scope of scopes) {
    const rbac = `/apis/rbac.authorization.k8s.io/v1/${scope}${kind.toLowerCase()}`
    await api.create(`${rbac}s`, { metadata: { name }, rules })
    await api.create(`${rbac}bindings`, {
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    })
  }
  const { status } = await api.create<{ status: { token: string } }>(
    `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`,
    { spec: { expirationSeconds: 3600 } },
  )
  const path = join(where.folder, `${namespace}-${name}.kubeconfig`)
  return { token: status.token, kubeconfig: await writeKubeconfig(path, { ...where, ...status, user: name }) }
}

async function makeNamespace(api: KubeApi, name: string): Promise<void> {
  try {
    await api.create('/api/v1/namespaces', { metadata: { name } })
  } catch (error) {
    if (!(error instanceof KubeApiError && error.code === 409)) throw error
  }
}
