import {
  type Auth,
  type Authenticator,
  credsAuthenticator,
  nkeyAuthenticator,
  usernamePasswordAuthenticator,
} from '@nats-io/transport-node'

/** How a service proves to NATS who it is. */
export type Credentials =
  | { readonly kind: 'password'; readonly user: string; readonly password: string }
  /** An nkey seed, `SU…`. */
  | { readonly kind: 'nkey'; readonly seed: string }
  /** The text of a `.creds` file. */
  | { readonly kind: 'creds'; readonly text: string }

/**
 * Asks for the credentials again at each dial, so that a rotated file is used without a restart.
 * Credentials that cannot be read or used now are no reason to stop dialling: the server refuses the empty
 * ones, and `onProblem` says why.
 */
export function authenticatorOf(read: () => Credentials, onProblem: (error: unknown) => void): Authenticator {
  return (nonce) => {
    try {
      return proof(read(), nonce)
    } catch (error) {
      onProblem(error)
      return noProof(nonce)
    }
  }
}

const noProof = usernamePasswordAuthenticator('')

function proof(credentials: Credentials, nonce: string | undefined): Auth {
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
  switch (credentials.kind) {
    case 'password':
      return usernamePasswordAuthenticator(credentials.user, credentials.password)(nonce)
    case 'nkey':
      return nkeyAuthenticator(encode(credentials.seed.trim()))(nonce)
    case 'creds':
      return credsAuthenticator(encode(credentials.text))(nonce)
  }
}
