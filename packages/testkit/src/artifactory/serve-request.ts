import type { HttpAnswer } from '../http/http-faults.ts'
import type { StandInRequest } from '../http/http-stand-in.ts'
import { content, created, refused, unauthorized } from './answers.ts'
import type { ArtifactoryUser } from './credentials.ts'
import { agreement, checksumsOf, type FileStore } from './repository.ts'

export interface Situation {
  readonly files: FileStore
  readonly repositories: Readonly<Record<string, 'local' | 'virtual'>>
  /** `repository/folder/name` */
  readonly key: string
  readonly user: ArtifactoryUser | undefined
  readonly hidesUnauthorized: boolean
}

type Headers = StandInRequest['headers']

export function serveRequest(request: Omit<StandInRequest, 'signal'>, situation: Situation): HttpAnswer {
  const { repositories, key, user } = situation
  if (user === undefined) return unauthorized()
  const [repository = '', ...path] = key.split('/')
  const kind = Object.hasOwn(repositories, repository) ? repositories[repository] : undefined
  if (kind === undefined || path.length === 0) return refused(404, `Could not find resource '${key}'`)
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      return download(request.headers, user, situation)
    case 'PUT':
      if (kind === 'local') return deploy(request, user, situation)
      return refused(405, `No default deployment repository for '${repository}'`, { allow: 'GET' })
    case 'DELETE':
      return remove(user, situation)
    default:
      return refused(405, `Method ${request.method} is not allowed`, { allow: 'GET, HEAD, PUT, DELETE' })
  }
}

function download(headers: Headers, user: ArtifactoryUser, situation: Situation): HttpAnswer {
  const { files, key } = situation
  if (!user.rights.includes('read'))
    return forbidden(`User '${user.name}' may not download '${key}'`, situation)
  const file = files.get(key)
  return file ? content(file, headers) : refused(404, `File not found: ${key}`)
}

function deploy(
  { headers, body, url }: Omit<StandInRequest, 'signal'>,
  { name, rights }: ArtifactoryUser,
  situation: Situation,
): HttpAnswer {
  const { files, key } = situation
  if (!rights.includes('deploy')) return forbidden(`User '${name}' may not deploy '${key}'`, situation)
  const present = files.get(key)
  // Deploying what is there already, by its checksum, overwrites nothing.
  const isOverwrite = present !== undefined && agreement(headers, present.checksums) !== 'all agree'
  if (isOverwrite && !rights.includes('delete')) {
    const needed = `(user: '${name}' needs DELETE permission)`
    return forbidden(`Not enough permissions to delete/overwrite artifact '${key}' ${needed}`, situation)
  }
  const isByChecksum = headers['x-checksum-deploy'] === 'true'
  const bytes = isByChecksum ? files.withChecksum(headers)?.bytes : body
  if (bytes === undefined) return refused(404, 'Checksum values not found')
  if (agreement(headers, checksumsOf(bytes)) === 'mismatch') {
    return refused(409, `Checksum error for '${key}': received and actual checksums differ`)
  }
  return created(files.put(key, bytes), `http://${headers.host}${url.pathname}`)
}

function remove({ name, rights }: ArtifactoryUser, situation: Situation): HttpAnswer {
  const { files, key } = situation
  if (!rights.includes('delete')) return forbidden(`User '${name}' may not delete '${key}'`, situation)
  return files.remove(key) ? { status: 204 } : refused(404, `Could not locate artifact '${key}'`)
}

/** 403, or 404 where what one has no right to is not there. */
function forbidden(message: string, { hidesUnauthorized, key }: Situation): HttpAnswer {
  return hidesUnauthorized ? refused(404, `Could not locate artifact '${key}'`) : refused(403, message)
}
