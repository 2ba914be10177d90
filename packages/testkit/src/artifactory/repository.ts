import { createHash } from 'node:crypto'

export interface StoredFile {
  readonly repository: string
  /** With a slash in front: `/folder/name.json`. */
  readonly path: string
  readonly bytes: Buffer
  /** Unix ms. */
  readonly modifiedAt: number
  readonly checksums: Readonly<Record<(typeof algorithms)[number], string>>
}

const algorithms = ['sha1', 'md5', 'sha256'] as const

/** The files of all repositories, by `repository/folder/name`. */
export class FileStore {
  readonly #files = new Map<string, StoredFile>()

  get(key: string): StoredFile | undefined {
    return this.#files.get(key)
  }

  put(key: string, bytes: Buffer): StoredFile {
    const slash = key.indexOf('/')
    const file = {
      repository: key.slice(0, slash),
      path: key.slice(slash),
      bytes,
      modifiedAt: Date.now(),
      checksums: checksumsOf(bytes),
    }
    this.#files.set(key, file)
    return file
  }

  remove(key: string): boolean {
    return this.#files.delete(key)
  }

  /** Any file with this content, for a deploy by checksum. */
  withChecksum(headers: { readonly [name: string]: string | string[] | undefined }): StoredFile | undefined {
    return this.#files.values().find((file) => agreement(headers, file.checksums) === 'all agree')
  }
}

export function checksumsOf(bytes: Buffer): StoredFile['checksums'] {
  const digest = (algorithm: string) => createHash(algorithm).update(bytes).digest('hex')
  return { sha1: digest('sha1'), md5: digest('md5'), sha256: digest('sha256') }
}

/** What the X-Checksum headers of a request say about a content. */
export function agreement(
  headers: { readonly [name: string]: string | string[] | undefined },
  checksums: StoredFile['checksums'],
): 'none given' | 'all agree' | 'mismatch' {
  const given = algorithms.filter((algorithm) => headers[`x-checksum-${algorithm}`] !== undefined)
  if (given.length === 0) return 'none given'
  return given.every((algorithm) => headers[`x-checksum-${algorithm}`] === checksums[algorithm])
    ? 'all agree'
    : 'mismatch'
}
