import { readStatus } from './api-status.ts'
import type { ApiRequest, ApiTransport } from './api-transport.ts'
import type { StatusAnswer } from './reflector-state.ts'
import { SilenceTimer } from './silence-timer.ts'

const patienceMs = 10_000

export type JsonRead =
  | { readonly kind: 'ok'; readonly body: unknown }
  | ({ readonly kind: 'refused' } & StatusAnswer)

/** One GET of something small. Throws when no answer comes within 10 s. */
export async function readJson(transport: ApiTransport, request: ApiRequest): Promise<JsonRead> {
  using silence = new SilenceTimer(request.signal)
  silence.arm(patienceMs)
  const onSent = (): void => silence.arm(patienceMs)
  const response = await transport.request({ ...request, onSent, signal: silence.signal })
  if (response.status !== 200) return { kind: 'refused', ...(await readStatus(response)) }
  const chunks: Uint8Array[] = []
  for await (const chunk of response.body) chunks.push(chunk)
  return { kind: 'ok', body: JSON.parse(Buffer.concat(chunks).toString('utf8')) }
}
