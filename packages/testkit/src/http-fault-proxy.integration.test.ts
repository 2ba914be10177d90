import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startControlPlane } from './control-plane.ts'
import { lineEdit } from './http/line-edit.ts'
import { startHttpFaultProxy } from './http-fault-proxy.ts'

test('stands before a real API server: TLS behind it, plain HTTP and faulty events in front', async () => {
  await using cluster = await startControlPlane()
  await using proxy = await startHttpFaultProxy({ upstream: cluster.url, ca: cluster.ca })
  const headers = { authorization: `Bearer ${cluster.token}` }
  const namespaces = `${proxy.url}/api/v1/namespaces`

  const listed = await fetch(namespaces, { headers })
  assert.equal(listed.status, 200)
  const { metadata } = (await listed.json()) as { metadata: { resourceVersion: string } }

  proxy.injectLines(lineEdit.drop((line) => line.includes('"name":"unseen"')))
  const watch = await fetch(`${namespaces}?watch=1&resourceVersion=${metadata.resourceVersion}`, { headers })
  for (const name of ['unseen', 'seen']) {
    const created = await fetch(namespaces, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }),
    })
    assert.equal(created.status, 201)
  }
  const reader = watch.body?.getReader()
  const first = Buffer.from((await reader?.read())?.value ?? []).toString()
  assert.match(first, /^\{"type":"ADDED".*"name":"seen"/)
  await reader?.cancel()
})
