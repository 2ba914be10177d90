import type { HttpAnswer } from '../http/http-faults.ts'
import type { StoredFile } from './repository.ts'

/** An error as Artifactory words it: indented JSON. */
export function refused(status: number, message: string, headers: Record<string, string> = {}): HttpAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ errors: [{ status, message }] }, undefined, 2),
  }
}

export function unauthorized(): HttpAnswer {
  return refused(401, 'Bad credentials', { 'www-authenticate': 'Basic realm="Artifactory Realm"' })
}

/** 201, also when a file was overwritten. */
export function created(file: StoredFile, url: string): HttpAnswer {
  return {
    status: 201,
    headers: {
      location: url,
      'content-type': 'application/vnd.org.jfrog.artifactory.storage.ItemCreated+json;charset=ISO-8859-1',
    },
    body: JSON.stringify({
      repo: file.repository,
      path: file.path,
      created: new Date(file.modifiedAt).toISOString(),
      downloadUri: url,
      size: String(file.bytes.length),
      checksums: file.checksums,
      uri: url,
    }),
  }
}

/** The file, or 304 if the reader has it: its ETag is compared as an exact text, and a date, if given, must fit too. */
export function content(
  file: StoredFile,
  headers: { readonly [name: string]: string | string[] | undefined },
): HttpAnswer {
  const modified = new Date(file.modifiedAt).toUTCString()
  const { sha1, sha256, md5 } = file.checksums
  const since = headers['if-modified-since']
  const isOld = since === undefined ? undefined : Date.parse(modified) <= Date.parse(String(since))
  const tag = headers['if-none-match']
  const isSame = tag === undefined ? undefined : tag === sha1
  const isKnown = (isSame ?? isOld ?? false) && isOld !== false
  const described = {
    // Unquoted, against the standard.
    etag: sha1,
    'last-modified': modified,
    'x-checksum-sha1': sha1,
    'x-checksum-sha256': sha256,
    'x-checksum-md5': md5,
    'x-artifactory-filename': file.path.split('/').at(-1) ?? '',
    'accept-ranges': 'bytes',
  }
  if (isKnown) return { status: 304, headers: described }
  return {
    status: 200,
    headers: { ...described, 'content-type': 'application/octet-stream' },
    body: file.bytes,
  }
}
