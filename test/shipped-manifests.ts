import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'

/** The folder of the manifests that every installation starts from. */
export const baseFolder: string = join(import.meta.dirname, '..', 'k8s', 'base')

export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly spec?: WorkloadSpec
}

interface WorkloadSpec {
  readonly template?: PodTemplate
  readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[]
}

interface PodTemplate {
  readonly metadata: object
  readonly spec: { readonly containers: readonly ContainerManifest[]; readonly volumes?: readonly object[] }
}

export interface ContainerManifest {
  readonly name: string
  readonly env?: readonly { readonly name: string }[]
}

/** Every object of k8s/base, as written; what kustomize adds (namespace, config maps) is not in them. */
export function readBase(): readonly Manifest[] {
  return readdirSync(baseFolder)
    .filter((file) => file.endsWith('.yaml') && file !== 'kustomization.yaml')
    .flatMap((file) => parseAllDocuments(readFileSync(join(baseFolder, file), 'utf8')))
    .map((document) => document.toJS() as Manifest)
}

/** What kustomize makes of configMapGenerator and Secrets that an installation brings. */
export function suppliedObjects(): readonly object[] {
  const data = { 'nats.conf': readFileSync(join(baseFolder, 'nats.conf'), 'utf8') }
  const passwords = Object.fromEntries(
    ['provision', 'watcher', 'dedupe', 'notifier', 'reader'].map((user) => [user, `${user}-password`]),
  )
  return [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'hermod-nats' }, data },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'hermod' },
      data: { 'cluster-name': 'default' },
    },
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'hermod-nats' }, stringData: passwords },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'hermod-slack' },
      stringData: { token: 'xoxb-test' },
    },
  ]
}
