import type { Secret } from './secret.ts'

const mask = '[secret]'

// Shorter values are words like "dev" that would blot out half of every line.
const shortestSecret = 4

const patterns: readonly (readonly [RegExp, string])[] = [
  // Slack: bot, user, refresh and app-level tokens.
  [/\bx(?:ox[a-z]|app)[.-][\w.-]{6,}/g, mask],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{6,}/gi, `$1 ${mask}`],
  [/(:\/\/)[^\s/?#"\\]+@/g, `$1${mask}@`],
  // JSON web tokens, as service accounts have them.
  [/\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*/g, mask],
  // NATS seeds of users, accounts and operators.
  [/\bS[UAO][A-Z2-7]{56}\b/g, mask],
]

/** Masks what looks like a secret, whoever it belongs to. */
export function scrubPatterns(text: string): string {
  return patterns.reduce((scrubbed, [pattern, replacement]) => scrubbed.replace(pattern, replacement), text)
}

/** Takes known secrets, and what looks like one, out of any text. */
export interface Scrubber {
  readonly add: (secret: Secret) => void
  readonly scrub: (text: string) => string
}

export function createScrubber(): Scrubber {
  const secrets = new Set<Secret>()
  let revealed = 0
  let known: readonly string[] = []

  const knownForms = (): readonly string[] => {
    const count = secrets.values().reduce((sum, secret) => sum + secret.revealed.size, 0)
    if (count !== revealed) {
      revealed = count
      const forms = new Set([...secrets].flatMap((secret) => [...secret.revealed]).flatMap(formsOf))
      // The longest first, or a part would break up the whole and leave its rest.
      known = [...forms].sort((a, b) => b.length - a.length)
    }
    return known
  }

  return {
    add: (secret) => {
      secret.reveal()
      secrets.add(secret)
    },
    scrub: (text) =>
      scrubPatterns(knownForms().reduce((scrubbed, form) => scrubbed.replaceAll(form, mask), text)),
  }
}

// A secret travels as itself, inside JSON, in a URL, in a Basic header, and as the password of `user:password`.
function formsOf(value: string): readonly string[] {
  const password = value.slice(value.indexOf(':') + 1)
  return [value, password]
    .flatMap((each) => [
      each,
      JSON.stringify(each).slice(1, -1),
      encodeURIComponent(each),
      Buffer.from(each).toString('base64'),
    ])
    .filter((form) => form.length >= shortestSecret)
}
