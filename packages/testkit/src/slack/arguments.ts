import type { StandInRequest } from '../http/http-stand-in.ts'

/** Arguments of one call, without the token. `blocks`, `attachments` and `metadata` are decoded from JSON. */
export type SlackArguments = Readonly<Record<string, unknown>>

export interface ParsedCall {
  args: SlackArguments
  token: string | undefined
  /** Slack's code for a body it cannot read. */
  refusal?: 'invalid_post_type' | 'missing_post_type' | 'invalid_json' | 'json_not_object'
}

/** Reads a call as Slack does: a form whose objects are JSON strings, or JSON; a GET has its query. */
export function parseCall({ method, url, headers, body }: Omit<StandInRequest, 'signal'>): ParsedCall {
  const bearer = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1]
  const read = readBody(method, url, headers['content-type'], body.toString())
  if (typeof read === 'string') return { args: {}, token: bearer, refusal: read }
  const { token, ...args } = read
  return {
    args: Object.fromEntries(Object.entries(args).map(([key, value]) => [key, decode(key, value)])),
    token: bearer ?? (typeof token === 'string' ? token : undefined),
  }
}

function readBody(
  method: string,
  url: URL,
  contentType: string | undefined,
  body: string,
): Record<string, unknown> | NonNullable<ParsedCall['refusal']> {
  const query = Object.fromEntries(url.searchParams)
  if (method === 'GET' || body === '') return query
  switch (contentType?.split(';')[0]?.trim()) {
    case 'application/x-www-form-urlencoded':
      return { ...query, ...Object.fromEntries(new URLSearchParams(body)) }
    case 'application/json': {
      const json = parseJson(body)
      if (json === undefined) return 'invalid_json'
      return isRecord(json) ? json : 'json_not_object'
    }
    case undefined:
      return 'missing_post_type'
    default:
      return 'invalid_post_type'
  }
}

function decode(key: string, value: unknown): unknown {
  const isJson = key === 'blocks' || key === 'attachments' || key === 'metadata'
  // What is no JSON stays a string, which the rules then refuse.
  return isJson && typeof value === 'string' ? (parseJson(value) ?? value) : value
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A text argument; numbers are read as Slack's form would spell them. */
export function textArgument(args: SlackArguments, name: string): string | undefined {
  const value = args[name]
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
}

export function flagArgument(args: SlackArguments, name: string): boolean {
  return ['true', '1'].includes(String(args[name]))
}
