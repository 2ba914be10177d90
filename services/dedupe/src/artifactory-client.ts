// Owns all talk with Artifactory.
// A1. What is not certainly there or certainly missing is `unavailable`: neither a refusal nor a web page nor a
//     body that is too big or cut off is ever taken for an empty file.
// A2. Every request ends within its deadline. Trying again is the caller's.
// A3. Nothing of a request gets into a reason: no credentials, no body, no URL beyond the file's name.
import { createHash } from 'node:crypto'
import type { Secret } from '@hermod/runtime'
import got, { RequestError } from 'got'

export type Fetched =
  | { readonly kind: 'found'; readonly text: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unavailable'; readonly reason: string }

export type Stored = { readonly kind: 'stored' } | { readonly kind: 'unavailable'; readonly reason: string }

export interface ArtifactoryClient {
  fetch(file: string, signal?: AbortSignal): Promise<Fetched>
  store(file: string, text: string, signal?: AbortSignal): Promise<Stored>
}

export interface ArtifactoryOptions {
  /** `https://host/artifactory/repository/folder` */
  readonly url: string
  /** `user:password`, where the password may hold colons, or a bare token; asked for at each request. */
  readonly login: Secret
  readonly timeoutMs?: number
  readonly maxBytes?: number
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly encoding: string | undefined
  readonly text: string
}

const usualTimeoutMs = 10_000
const usualMaxBytes = 16 * 1024 * 1024

export function createArtifactoryClient(options: ArtifactoryOptions): ArtifactoryClient {
  const { url, login, timeoutMs = usualTimeoutMs, maxBytes = usualMaxBytes } = options
  const request = async (
    method: 'GET' | 'PUT',
    file: string,
    extra: { body?: Buffer; headers?: Record<string, string> },
    signal: AbortSignal | undefined,
  ): Promise<Answer | string> => {
    const tooBig = new AbortController()
    const signals = [tooBig.signal, ...(signal ? [signal] : [])]
    try {
      const { statusCode, headers, body } = await got(
        `${url.replace(/\/+$/, '')}/${encodeURIComponent(file)}`,
        {
          method,
          ...extra,
          headers: {
            ...extra.headers,
            authorization: authorization(login.reveal()),
            'accept-encoding': 'identity',
          },
          responseType: 'buffer',
          // A compressed body is refused below instead of being unpacked to whatever size.
          decompress: false,
          followRedirect: false,
          throwHttpErrors: false,
          retry: { limit: 0 },
          timeout: { request: timeoutMs },
          signal: AbortSignal.any(signals),
        },
      ).on('downloadProgress', ({ transferred, total = 0 }) => {
        if (Math.max(transferred, total) > maxBytes) tooBig.abort()
      })
      const { 'content-type': type = '', 'content-encoding': encoding } = headers
      return { status: statusCode, type, encoding, text: Buffer.from(body).toString('utf8') }
    } catch (error) {
      signal?.throwIfAborted()
      if (tooBig.signal.aborted) return `the answer is larger than ${maxBytes} bytes`
      return error instanceof RequestError ? wordsFor(error.code) : 'the request failed'
    }
  }

  return {
    async fetch(file, signal) {
      const answer = await request('GET', file, {}, signal)
      if (typeof answer === 'string') return unavailable(`${file}: ${answer}`)
      if (answer.status === 404) return { kind: 'missing' }
      const problem = problemOf(answer)
      return problem === undefined ? { kind: 'found', text: answer.text } : unavailable(`${file}: ${problem}`)
    },
    async store(file, text, signal) {
      const body = Buffer.from(text)
      const checksum = (algorithm: string): string => createHash(algorithm).update(body).digest('hex')
      const headers = {
        'content-type': 'application/json',
        'x-checksum-sha1': checksum('sha1'),
        'x-checksum-sha256': checksum('sha256'),
      }
      const answer = await request('PUT', file, { body, headers }, signal)
      if (typeof answer === 'string') return unavailable(`${file}: ${answer}`)
      return [200, 201, 204].includes(answer.status)
        ? { kind: 'stored' }
        : unavailable(`${file}: ${refusalOf(answer.status)}`)
    },
  }
}

function unavailable(reason: string): { readonly kind: 'unavailable'; readonly reason: string } {
  return { kind: 'unavailable', reason }
}

function problemOf({ status, type, encoding, text }: Answer): string | undefined {
  if (status === 401 || status === 403)
    return `${status}: ARTIFACTORY_LOGIN is refused or lacks the right to read`
  if (status !== 200) return `answered ${status}`
  if (encoding !== undefined && encoding !== 'identity') return `is sent ${encoding}-encoded, unasked`
  // Any proxy's way of saying "log in first".
  if (type.startsWith('text/html') || text.trimStart().startsWith('<')) return 'answered with a web page'
  return undefined
}

function refusalOf(status: number): string {
  switch (status) {
    case 401:
      return '401: ARTIFACTORY_LOGIN is refused'
    case 403:
      return '403: the account lacks the right to deploy, or to overwrite (Artifactory calls it DELETE)'
    case 404:
      return '404: the repository is not there, or the account lacks the right to overwrite and may not know it'
    case 405:
      return '405: this repository takes no files; name a local one or give it a default deployment repository'
    case 409:
      return '409: Artifactory got other bytes than were sent'
    default:
      return `answered ${status}`
  }
}

// got's own message and properties would show the URL and the headers.
function wordsFor(code: string): string {
  return code === 'ETIMEDOUT' ? 'no answer in time' : `the connection failed (${code})`
}

function authorization(login: string): string {
  return login.includes(':') ? `Basic ${Buffer.from(login).toString('base64')}` : `Bearer ${login}`
}
