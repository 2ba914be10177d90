// What the field was measured at on 2026-11-22: two cores that other work shared, kube-apiserver 1.36.3 with its
// controller-manager, the scripted kubelet of testkit, its Slack over TLS. One run each.
import type { Amount, Cell, Figure, Peer } from './figure.ts'

export const peers: Readonly<Record<Peer, string>> = {
  hermod: 'uswitch/hermod, 2024-07',
  'deploy-notifier': 'deploy-notifier, 2022-11',
  kubewatch: 'robusta-dev/kubewatch, 2026-08',
}

type Measured = NonNullable<Figure['peers']>

function cell(text: string, ...amounts: Amount[]): Cell {
  return { text, ...(amounts.length > 0 && { amounts }) }
}

const never = cell('never', 'never', 'never')

type MeasuredName =
  | 'firstPost'
  | 'success'
  | 'badImage'
  | 'crashLoop'
  | 'hang'
  | 'burst'
  | 'drain'
  | 'downtime'
  | 'ready1000'
  | 'ready5000'
  | 'memory1000'
  | 'memory5000'

export const measuredPeers: Readonly<Record<MeasuredName, Measured>> = {
  firstPost: {
    hermod: cell('29 / 43 ms', 29, 43),
    'deploy-notifier': cell('25 / 30 ms, as a success', 25, 30),
    kubewatch: cell('7 / 18 ms, 9 posts a rollout', 7, 18),
  },
  success: { hermod: cell('8 / 14 ms', 8, 14), 'deploy-notifier': never, kubewatch: never },
  badImage: {
    hermod: cell('60.9 s; container, reason, image', 60_900),
    'deploy-notifier': cell('never: "deployed to"', 'never'),
    kubewatch: cell('never', 'never'),
  },
  crashLoop: {
    hermod: cell('61.0 s; container, reason', 61_000),
    'deploy-notifier': cell('never', 'never'),
    kubewatch: cell('never', 'never'),
  },
  hang: {
    hermod: cell('30 s', 30_000),
    'deploy-notifier': cell('30 s in its namespace', 30_000),
    kubewatch: cell('30 s', 30_000),
  },
  burst: {
    hermod: cell('of 200: 13 lost, 66 doubled', 13 / 200, 66 / 200),
    'deploy-notifier': cell('of 200: 197 lost', 197 / 200, 0),
    kubewatch: cell('of 200: 193 lost', 193 / 200, 0),
  },
  drain: { hermod: cell('200 in 96 s') },
  downtime: {
    hermod: cell('3 of 4 lost', 3 / 4, 0),
    'deploy-notifier': cell('4 of 4 lost', 1, 0),
    kubewatch: cell('4 of 4 lost', 1, 0),
  },
  ready1000: {
    hermod: cell('0.5 s', 500),
    'deploy-notifier': cell('1.6 s', 1_600),
    kubewatch: cell('0.4 s', 400),
  },
  ready5000: {
    hermod: cell('0.9 s', 900),
    'deploy-notifier': cell('5.5 s', 5_500),
    kubewatch: cell('0.7 s', 700),
  },
  memory1000: {
    hermod: cell('43 MiB', 43),
    'deploy-notifier': cell('106 MiB', 106),
    kubewatch: cell('56 MiB', 56),
  },
  memory5000: {
    hermod: cell('91 MiB', 91),
    'deploy-notifier': cell('239 MiB', 239),
    kubewatch: cell('94 MiB', 94),
  },
}
