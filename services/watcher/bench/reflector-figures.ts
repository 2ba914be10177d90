// Our reflector beside client-node's Watch and informer on one recorded stream, each in a process of its own.
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createDeployment, createNamespace, scale, setImage, startControlPlane } from '@hermod/testkit'
import { type Figure, inParallel, say } from './figures.ts'
import { deploymentsPath, type ReflectorKind, reflectorKinds } from './reflector-kinds.ts'

const deployments = 300
const events = 30_000

interface Measured {
  readonly cpuSeconds: number
  readonly peak: number
  readonly longestStallMs: number
}

export async function reflectorFigures(print: (figure: Figure) => void): Promise<void> {
  say('recording what a real API server says of rollouts')
  const lines = await record()
  await using replay = await replayOf(lines)
  const bytes = lines.reduce((sum, { length }) => sum + length, 0) / lines.length
  for (const kind of reflectorKinds) {
    say(`  ${kind}`)
    const { cpuSeconds, peak, longestStallMs } = await consume(kind, replay.url)
    print({
      what: kind,
      asked: `${events} events of ${(bytes / 1_024).toFixed(1)} KiB`,
      measured:
        `${Math.round(events / cpuSeconds)} events/s/core, peak RSS ${peak.toFixed(0)} MiB, ` +
        `longest stall ${longestStallMs.toFixed(0)} ms`,
    })
  }
}

async function consume(kind: ReflectorKind, url: string): Promise<Measured> {
  const script = join(import.meta.dirname, 'reflector-consumer.ts')
  const { stdout } = await promisify(execFile)(process.execPath, [script, kind, url, String(events)])
  return JSON.parse(stdout)
}

/** The lines of a watch through the rollouts of many Deployments. */
async function record(): Promise<readonly string[]> {
  await using plane = await startControlPlane()
  const { api } = plane
  await createNamespace(api, 'shop')
  const start = await api.list(deploymentsPath)
  const names = Array.from({ length: deployments }, (_, index) => `app-${index}`)
  const env = (name: string): Record<string, string> =>
    Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`SETTING_${index}`, `${name}-${index}`]))
  await inParallel(names, 8, async (name) => {
    await createDeployment(api, { namespace: 'shop', name, image: `${name}:1`, env: env(name) })
    await setImage(api, { namespace: 'shop', name }, `${name}:2`)
    await scale(api, { namespace: 'shop', name }, 3)
  })
  const lines: string[] = []
  const { resourceVersion } = start.metadata
  const query = { resourceVersion, timeoutSeconds: '5' }
  for await (const event of api.watch(deploymentsPath, query, new AbortController().signal)) {
    if (event.type === 'ADDED' || event.type === 'MODIFIED') lines.push(`${JSON.stringify(event)}\n`)
  }
  return lines
}

/** Lists nothing, then tells the recorded lines again and again to whoever watches. */
async function replayOf(lines: readonly string[]): Promise<AsyncDisposable & { readonly url: string }> {
  const encoded = lines.map((line) => Buffer.from(line))
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://x')
    response.setHeader('content-type', 'application/json')
    if (!searchParams.has('watch')) response.end(emptyList)
    else if (searchParams.has('sendInitialEvents')) void tell(response, [endMark], encoded)
    else void tell(response, [], encoded)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
}

async function tell(
  response: ServerResponse,
  first: readonly string[],
  lines: readonly Buffer[],
): Promise<void> {
  for (const line of first) response.write(line)
  for (let event = 0; event < events && !response.destroyed; event += 50) {
    const chunk = Array.from(
      { length: 50 },
      (_, index) => lines[(event + index) % lines.length] ?? Buffer.alloc(0),
    )
    if (response.write(Buffer.concat(chunk))) continue
    const drained = new AbortController()
    const { signal } = drained
    await Promise.race([once(response, 'drain', { signal }), once(response, 'close', { signal })])
    drained.abort()
  }
}

const emptyList = JSON.stringify({
  kind: 'DeploymentList',
  apiVersion: 'apps/v1',
  metadata: { resourceVersion: '1' },
  items: [],
})

const endMark = `${JSON.stringify({
  type: 'BOOKMARK',
  object: { metadata: { resourceVersion: '1', annotations: { 'k8s.io/initial-events-end': 'true' } } },
})}\n`
