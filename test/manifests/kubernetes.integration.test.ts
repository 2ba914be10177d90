import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import resources from '../../k8s/base/resources.json' with { type: 'json' }
import { usualMonitor } from '../../packages/jetstream/src/examine-nats.ts'
import { missingSettings, settingsOf, unknownVariables } from '../documents/known-settings.ts'
import {
  type Manifest,
  overlays,
  readInstallation,
  readOverlay,
  sharedVariables,
  type Workload,
  workloadsOf,
} from './shipped-manifests.ts'

const installations: Readonly<Record<string, () => Promise<readonly Manifest[]>>> = {
  ...Object.fromEntries(overlays.map((name) => [`overlay ${name}`, () => readOverlay(name)])),
  'component artifactory': () => readInstallation(['cluster-wide', 'nats', 'nats-tls', 'artifactory']),
}

for (const [title, read] of Object.entries(installations)) {
  describe(title, () => {
    let manifests: readonly Manifest[]
    let workloads: ReadonlyMap<string, Workload>
    before(async () => {
      manifests = await read()
      workloads = new Map(workloadsOf(manifests).map((workload) => [workload.name, workload]))
    })

    for (const process of Object.keys(settingsOf)) {
      test(`tells the ${process} what it must be told, and itself only what it reads`, () => {
        const own = workloads.get(process)?.container.env?.map(({ name }) => name) ?? []
        assert.ok(own.length > 0, `no container is called ${process}`)
        assert.deepEqual(unknownVariables(process, own), [])
        assert.deepEqual(missingSettings(process, [...own, ...Object.keys(sharedVariables(manifests))]), [])
      })
    }

    test('every process asks for what it was measured to take and the stated margin', () => {
      const withMargin = (figure: number): number => Math.ceil(figure * (1 + resources.marginPercent / 100))
      for (const [name, { cpuMillicores, memoryMiB }] of Object.entries(resources.measured)) {
        const { requests, limits } = workloads.get(name)?.container.resources ?? {}
        assert.equal(requests?.cpu, `${withMargin(cpuMillicores)}m`, name)
        assert.equal(requests?.memory, `${withMargin(memoryMiB)}Mi`, name)
        assert.ok(Number.parseInt(limits?.memory ?? '', 10) > withMargin(memoryMiB), name)
      }
    })

    test('every pod may reach NATS where it is told to, and its monitoring port, which a doctor asks', () => {
      const { NATS_URL = '' } = sharedVariables(manifests)
      const ports = manifests
        .filter(({ kind }) => kind === 'NetworkPolicy')
        .flatMap(({ spec }) => spec?.egress?.flatMap((rule) => rule.ports.map(({ port }) => port)) ?? [])
      if (ports.length === 0) return
      assert.ok(ports.includes(Number(new URL(NATS_URL).port)))
      assert.ok(ports.includes(Number(new URL(usualMonitor({ natsUrls: [NATS_URL] })).port)))
    })

    test('no password lies in a ConfigMap: the configuration of NATS names variables', () => {
      const texts = manifests.flatMap(({ kind, data = {} }) =>
        kind === 'ConfigMap' ? Object.values(data) : [],
      )
      const passwords = texts.flatMap((text) =>
        [...text.matchAll(/password: *(\S+)/g)].map(([, word]) => word),
      )
      for (const word of passwords) assert.match(word ?? '', /^\$NATS_[A-Z]+_PASSWORD$/)
    })

    test('every pod runs as a user and in a group that no node has', () => {
      for (const { name, pod } of workloads.values()) {
        const { runAsUser, runAsGroup } = pod.securityContext
        assert.ok(runAsUser >= 10_000 && runAsGroup >= 10_000, name)
      }
    })

    test('every variable that all are given is read by one of them', () => {
      const unread = Object.keys(settingsOf).map((process) =>
        unknownVariables(process, Object.keys(sharedVariables(manifests))),
      )
      const readByNone = unread.reduce((left, right) => left.filter((name) => right.includes(name)))
      assert.deepEqual(readByNone, [])
    })

    test('none but the watcher is given a token of the API server', () => {
      const given = [...workloads.values()].filter(({ manifest }) =>
        JSON.stringify(manifest).includes('"automountServiceAccountToken":true'),
      )
      assert.deepEqual(
        given.map(({ name }) => name),
        ['watcher'],
      )
    })
  })
}
