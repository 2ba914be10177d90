/**
 * Owns the HTTP side of the preview page.
 *
 * 1. It listens on loopback unless told otherwise, and answers nobody but its own page (request-guard.ts).
 * 2. Whoever reads too slowly is cut off rather than kept in memory: the page comes again and goes on.
 * 3. Disposing cuts every connection.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { freePort } from '../free-port.ts'
import { type Assets, bundleForBrowser, readAssets } from './browser-bundle.ts'
import type { Numbered } from './event-log.ts'
import { Preview, type PreviewSources } from './preview.ts'
import type { PreviewEvent } from './preview-state.ts'
import { refusal, securityHeaders } from './request-guard.ts'

export interface PreviewOptions extends PreviewSources {
  /** 8420 by default; another one that is free where it is taken. */
  readonly port?: number
  /** The address that it listens on; 127.0.0.1 by default. */
  readonly listen?: string
  /** Where its script and style were bundled; they are bundled at the first request by default. */
  readonly assets?: string
  /** Whether another port will not do. */
  readonly insist?: boolean
}

export interface PreviewServer extends AsyncDisposable {
  /** `http://127.0.0.1:<port>/` */
  readonly url: string
  readonly port: number
}

const usualPort = 8420
const waitingBytes = 4 * 1024 * 1024
const heartbeatMs = 15_000

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Hermod</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/app.css">
<script type="module" src="/app.js"></script>
</head>
<body><div id="app"></div></body>
</html>
`

export async function startPreview({
  port: wanted = usualPort,
  listen = '127.0.0.1',
  insist = false,
  assets,
  ...sources
}: PreviewOptions): Promise<PreviewServer> {
  await using stack = new AsyncDisposableStack()
  const preview = stack.use(new Preview(sources))
  const port = insist ? wanted : await freePort(wanted)
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', `http://127.0.0.1:${port}`)
    const { method = 'GET', headers } = request
    const refused = refusal({ method, host: headers.host, origin: headers.origin }, port)
    if (refused) return send(response, refused.status, 'text/plain', refused.reason)
    if (method === 'POST') return press(preview, pathname, response)
    switch (pathname) {
      case '/':
        if (!sources.slack) return redirect(response, '/board')
        return send(response, 200, 'text/html; charset=utf-8', page)
      case '/board':
        return send(response, 200, 'text/html; charset=utf-8', page)
      case '/app.js':
      case '/app.css':
        return void sendAsset(response, pathname, assets)
      case '/api/state':
        return sendJson(response, preview.state())
      case '/api/story':
        return sendJson(
          response,
          preview.story(searchParams.get('channel') ?? '', searchParams.get('ts') ?? ''),
        )
      case '/api/events':
        return stream(preview, request, response, searchParams.get('after'))
      default:
        return send(response, 404, 'text/plain', 'there is no such page')
    }
  })
  server.listen(port, listen)
  await once(server, 'listening')
  stack.defer(async () => {
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  })
  const started = stack.move()
  return { port, url: `http://127.0.0.1:${port}/`, [Symbol.asyncDispose]: () => started.disposeAsync() }
}

function press(preview: Preview, pathname: string, response: ServerResponse): void {
  const [, id = ''] = /^\/api\/press\/([\w-]+)$/.exec(pathname) ?? []
  const isKnown = preview.press(id)
  send(response, isKnown ? 204 : 404, 'text/plain', isKnown ? '' : 'there is no such button')
}

async function sendAsset(
  response: ServerResponse,
  name: keyof Assets,
  folder: string | undefined,
): Promise<void> {
  try {
    const { type, body } = (folder === undefined ? await bundleForBrowser() : await readAssets(folder))[name]
    send(response, 200, type, body)
  } catch (error) {
    send(response, 500, 'text/plain', `the page could not be built: ${String(error)}`)
  }
}

function sendJson(response: ServerResponse, value: unknown): void {
  if (value === undefined) return send(response, 404, 'text/plain', 'there is no such message')
  send(response, 200, 'application/json', JSON.stringify(value))
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(302, { ...securityHeaders, location }).end()
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { ...securityHeaders, 'content-type': type })
  response.end(body)
}

/** The browser names the last event it got when it comes again; the first time the page says what its state holds. */
function stream(
  { log }: Preview,
  { headers }: IncomingMessage,
  response: ServerResponse,
  after: string | null,
): void {
  response.writeHead(200, { ...securityHeaders, 'content-type': 'text/event-stream' })
  const last = Number(headers['last-event-id'] ?? after ?? Number.NaN)
  const missed = log.after(last)
  response.write(missed ? 'retry: 1000\n\n' : 'retry: 1000\nevent: reset\ndata: {}\n\n')
  const tell = ({ id, event }: Numbered<PreviewEvent>): void => {
    if (response.writableLength > waitingBytes) response.destroy()
    else response.write(`id: ${id}\ndata: ${JSON.stringify(event)}\n\n`)
  }
  for (const numbered of missed ?? []) tell(numbered)
  const stop = log.listen(tell)
  const heartbeat = setInterval(() => response.write(': still here\n\n'), heartbeatMs)
  response.once('close', () => {
    stop()
    clearInterval(heartbeat)
  })
}
