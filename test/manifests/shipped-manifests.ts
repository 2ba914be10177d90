import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { realpath, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import { kustomizeTool, makeTempFolder, obtain, type PolicyRule } from '@hermod/testkit'
import { parseAllDocuments } from 'yaml'

/** The folder of the manifests. */
export const k8sFolder: string = join(import.meta.dirname, '..', '..', 'k8s')

/** The folder of the configuration of the NATS server that comes with them. */
const natsFolder: string = join(k8sFolder, 'components', 'nats')

/** What `kubectl apply -k k8s/overlays/NAME` may name. */
export const overlays: readonly string[] = readdirSync(join(k8sFolder, 'overlays'))

export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly spec?: WorkloadSpec
  readonly data?: Readonly<Record<string, string>>
  readonly rules?: readonly PolicyRule[]
}

interface WorkloadSpec {
  readonly replicas?: number
  readonly template?: PodTemplate
  readonly egress?: readonly { readonly ports: readonly { readonly port: number | string }[] }[]
  readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[]
}

interface PodTemplate {
  readonly metadata: object
  readonly spec: PodSpec
}

export interface PodSpec {
  readonly securityContext: { readonly runAsUser: number; readonly runAsGroup: number }
  readonly containers: readonly ContainerManifest[]
  readonly volumes?: readonly { readonly name: string }[]
}

export interface ContainerManifest {
  readonly name: string
  readonly image: string
  readonly args?: readonly string[]
  readonly env?: readonly { readonly name: string; readonly value?: string }[]
  readonly resources: {
    readonly requests: { readonly cpu: string; readonly memory: string }
    readonly limits: { readonly memory: string }
  }
}

/** A workload of the manifests; its pod has one container. */
export interface Workload {
  readonly name: string
  readonly manifest: Manifest
  readonly pod: PodSpec
  readonly container: ContainerManifest
}

/** Every object of an overlay, as `kubectl apply -k` sends them. */
export async function readOverlay(name: string): Promise<readonly Manifest[]> {
  return parseManifests(await renderOverlay(name))
}

/** The same as one YAML text. */
export async function renderOverlay(name: string): Promise<string> {
  return await build(join(k8sFolder, 'overlays', name))
}

const everything = [
  'network-policy',
  'pod-disruption-budget',
  'pod-monitor',
  'prometheus-rule',
  'artifactory',
]

/** What an installation may choose to be, with all that can be added to it: the components of each. */
export const installations: Readonly<Record<string, readonly string[]>> = {
  'one NATS server with TLS': ['nats', 'nats-tls', 'cluster-wide', ...everything],
  'three NATS servers with TLS': ['nats', 'nats-three-replicas', 'nats-tls', 'cluster-wide', ...everything],
  'NATS of somebody else': ['cluster-wide', ...everything],
}

/** Every object of an installation that picks these components, in this order. */
export async function readInstallation(components: readonly string[]): Promise<readonly Manifest[]> {
  return parseManifests(await renderInstallation(components))
}

/** The same as one YAML text. */
export async function renderInstallation(components: readonly string[]): Promise<string> {
  await using folder = await makeTempFolder('installation')
  // kustomize takes no absolute paths.
  const from = await realpath(folder.path)
  const pathTo = (part: string): string => relative(from, join(k8sFolder, part))
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: [pathTo('base')],
    components: components.map((name) => pathTo(join('components', name))),
  }
  await writeFile(join(from, 'kustomization.yaml'), JSON.stringify(kustomization))
  return await build(from)
}

/** Every object of a kustomization anywhere. */
export async function readKustomization(folder: string): Promise<readonly Manifest[]> {
  return parseManifests(await build(folder))
}

async function build(folder: string): Promise<string> {
  const { stdout } = await promisify(execFile)(await obtain(kustomizeTool), ['build', folder], {
    maxBuffer: 16 * 1024 * 1024,
  })
  return stdout
}

export function parseManifests(text: string): readonly Manifest[] {
  return parseAllDocuments(text).flatMap((document) => {
    const object = document.toJS() as Manifest | null
    return object === null ? [] : [object]
  })
}

export function workloadsOf(manifests: readonly Manifest[]): readonly Workload[] {
  return manifests.flatMap((manifest) => {
    const pod = manifest.spec?.template?.spec
    const container = pod?.containers[0]
    return pod && container ? [{ name: container.name, manifest, pod, container }] : []
  })
}

/** The variables that the ConfigMap `hermod` gives to every process. */
export function sharedVariables(manifests: readonly Manifest[]): Readonly<Record<string, string>> {
  const shared = manifests.find(
    ({ kind, metadata }) => kind === 'ConfigMap' && /^hermod-\w{10}$/.test(metadata.name),
  )
  if (shared?.data === undefined) throw new Error('no ConfigMap is called hermod')
  return shared.data
}

/** The text of a file of the NATS server's configuration. */
export function readNatsFile(name: string): string {
  return readFileSync(join(natsFolder, name), 'utf8')
}
