/** An account and what it may do in every repository. */
export interface ArtifactoryUser {
  readonly name: string
  readonly password: string
  /** Taken as Bearer, as X-JFrog-Art-Api, and in place of the password. */
  readonly token?: string
  /** Overwriting needs `delete` too. */
  rights: readonly ('read' | 'deploy' | 'delete')[]
}

/** Whose request it is; undefined for no credentials and for wrong ones alike. */
export function userOf(
  headers: { readonly [name: string]: string | string[] | undefined },
  users: readonly ArtifactoryUser[],
): ArtifactoryUser | undefined {
  const key = headers['x-jfrog-art-api']
  if (key !== undefined) return users.find(({ token }) => token === key)
  const [, scheme = '', given = ''] = /^(\w+) (.+)$/.exec(String(headers['authorization'] ?? '')) ?? []
  if (scheme === 'Bearer') return users.find(({ token }) => token === given)
  if (scheme !== 'Basic') return undefined
  // Only the first colon separates: the password may hold others.
  const [, name, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(given, 'base64').toString()) ?? []
  return users.find((user) => user.name === name && (user.password === password || user.token === password))
}
