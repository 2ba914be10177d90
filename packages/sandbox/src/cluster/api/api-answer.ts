import type { ServerResponse } from 'node:http'
import type { Refusal } from '../model/refusal.ts'

/** A Status object, as every refusal travels. */
export function statusOf({ code, reason, message }: Refusal): object {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code }
}

export function answerJson(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

export function answerRefusal(response: ServerResponse, refusal: Refusal): void {
  answerJson(response, refusal.code, statusOf(refusal))
}
