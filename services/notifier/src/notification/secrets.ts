const mask = '•••'

// What a crashing program prints is read by everybody in a channel: names and places stay, what opens a door does not.
// What may repeat before a pattern is decided is bounded, so that no text makes it slow.
const secrets: readonly (readonly [RegExp, string])[] = [
  // postgres://user:password@host
  [/(\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s:@/]*):[^\s@/]+@/gi, `$1:${mask}@`],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${mask}`],
  // password=…, "api_key":"…"; of other words only what is assigned: "secret: not found" says what is wrong.
  [
    /((?:password|passwd|pwd|passphrase|api[_-]?key|access[_-]?key|private[_-]?key)["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s,;&"')}]+)/gi,
    `$1${mask}`,
  ],
  [
    /((?:secret|token|credential)s?\w{0,40}["']?=\s*|(?:secret|token)["']\s*:\s*)("[^"]*"|'[^']*'|[^\s,;&"')}]+)/gi,
    `$1${mask}`,
  ],
  // Tokens that their makers made recognizable: Slack, GitHub, GitLab, AWS, JSON Web Tokens.
  [/\b(xox[a-z]|xapp|gh[a-z]|github_pat|glpat)[-_][\w-]{8,}/g, `$1-${mask}`],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{12,}/g, mask],
  [/\beyJ[\w-]{8,2000}\.[\w-]{8,}(?:\.[\w-]+)?/g, mask],
]

/** The text without what looks like a password, a key or a token. */
export function withoutSecrets(text: string): string {
  return secrets.reduce((masked, [pattern, instead]) => masked.replace(pattern, instead), text)
}
