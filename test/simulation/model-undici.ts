/** Stands in for undici where the notifier talks to Slack. */
import type { SlackCall } from './model-slack.ts'
import { theWorld } from './the-world.ts'
import { currentProcess } from './virtual-time.ts'

export class EnvHttpProxyAgent {
  async destroy(): Promise<void> {}
}

type Init = Omit<SlackCall, 'url' | 'signal'> & { readonly signal?: AbortSignal | null }

export async function fetch(url: string | URL, { headers, body, signal }: Init): Promise<Response> {
  const plain = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
  const call = { url: String(url), headers: plain, body, signal: signal ?? undefined }
  return await theWorld().slack.call(call, currentProcess())
}

export const Response: typeof globalThis.Response = globalThis.Response
