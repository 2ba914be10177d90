/** PURE: what a node says, word for word. Kubernetes v1.36.3; containerd 2 where the container runtime speaks. */
import type { Pod } from '../kubernetes/objects.ts'

/** pkg/scheduler/framework/types.go FitError; plugins/noderesources/fit.go; preemption. */
export const noNode: string =
  '0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available: ' +
  '3 No preemption victims found for incoming pod.'

/** pkg/volume/util/operationexecutor/operation_generator.go. */
export const noVolume: string =
  'MountVolume.SetUp failed for volume "config" : configmap "app-config" not found'

/** pkg/kubelet/util/manager/watch_based_manager.go. */
export const noSecret: string = 'secret "app-config" not found'

/** pkg/probe/http/http.go. */
export const probeRefused: string = 'HTTP probe failed with statuscode: 503'

/** containerd's resolver, as the kubelet hands it on over gRPC. */
export function noSuchImage(image: string): string {
  const name = fullName(image)
  return (
    `rpc error: code = NotFound desc = failed to pull and unpack image "${name}": ` +
    `failed to resolve reference "${name}": ${name}: not found`
  )
}

/** pkg/kubelet/images/image_manager.go applyDefaultImageTag. */
export function invalidImage(image: string): string {
  return `Failed to apply default image tag "${image}": couldn't parse image name "${image}": invalid reference format`
}

/** pkg/kubelet/kuberuntime/kuberuntime_manager.go doBackOff. */
export function restartBackOff(container: string, pod: Pod, seconds: number): string {
  return `back-off ${goDuration(seconds)} restarting failed container=${container} pod=${podName(pod)}`
}

/** The Event beside it. */
export function restartBackOffEvent(container: string, pod: Pod): string {
  return `Back-off restarting failed container ${container} in pod ${podName(pod)}`
}

/** The back-off before try number `failures + 1`: 10 s, doubled up to 5 min, as for images so for restarts. */
export function backOffSeconds(failures: number): number {
  return Math.min(10 * 2 ** Math.max(failures - 1, 0), 300)
}

/** pkg/kubelet/util/format/pod.go. */
function podName({ metadata }: Pod): string {
  return `${metadata.name}_${metadata.namespace}(${metadata.uid})`
}

function goDuration(seconds: number): string {
  const minutes = Math.floor(seconds / 60)
  return `${minutes > 0 ? `${minutes}m` : ''}${seconds % 60}s`
}

/** An image name as containerd completes it: registry and tag. */
function fullName(image: string): string {
  const [first = '', ...rest] = image.split('/')
  const hasRegistry = rest.length > 0 && /[.:]|^localhost$/.test(first)
  const path = rest.length > 0 ? image : `library/${image}`
  const name = hasRegistry ? image : `docker.io/${path}`
  return /:[^/]+$|@/.test(name) ? name : `${name}:latest`
}
