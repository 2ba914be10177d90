import type { Credentials } from './credentials.ts'

// The parts share a working folder. etcd takes a "port" in such an address for a part of the socket's name.
export const etcdSocket = 'client:0'
const etcdUrl = `unix://${etcdSocket}`
const peerUrl = 'unix://peer:0'

export const etcdFlags: readonly string[] = [
  '--name=testkit',
  '--data-dir=etcd',
  `--listen-client-urls=${etcdUrl}`,
  `--advertise-client-urls=${etcdUrl}`,
  `--listen-peer-urls=${peerUrl}`,
  `--initial-advertise-peer-urls=${peerUrl}`,
  `--initial-cluster=testkit=${peerUrl}`,
  '--unsafe-no-fsync',
  '--log-level=warn',
]

export const certificateFolder = 'certs'

export function apiServerFlags(port: number, credentials: Credentials): readonly string[] {
  return [
    `--secure-port=${port}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--cert-dir=${certificateFolder}`,
    `--etcd-servers=${etcdUrl}`,
    `--token-auth-file=${credentials.tokenFile}`,
    '--authorization-mode=RBAC',
    // It would hold every pod back until a controller has made its namespace's default account.
    '--disable-admission-plugins=ServiceAccount',
    '--endpoint-reconciler-type=none',
    '--service-account-issuer=https://testkit.invalid',
    `--service-account-key-file=${credentials.serviceAccountPublicKey}`,
    `--service-account-signing-key-file=${credentials.serviceAccountKey}`,
    '--service-cluster-ip-range=10.0.0.0/24',
  ]
}

const controllers = [
  'deployment-controller',
  'replicaset-controller',
  'garbage-collector-controller',
  'namespace-controller',
  'resourcequota-controller',
]

export function controllerManagerFlags(kubeconfig: string, credentials: Credentials): readonly string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--controllers=${controllers.join(',')}`,
    '--secure-port=0',
    '--leader-elect=false',
    `--service-account-private-key-file=${credentials.serviceAccountKey}`,
    '--concurrent-deployment-syncs=20',
    '--concurrent-replicaset-syncs=20',
    '--kube-api-qps=500',
    '--kube-api-burst=1000',
  ]
}
