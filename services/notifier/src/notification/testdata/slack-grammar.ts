/** What stands in angle brackets. */
export type Special =
  | { readonly kind: 'link'; readonly url: string; readonly label: string }
  | { readonly kind: 'ping'; readonly id: string }
  | { readonly kind: 'date' }

/**
 * Reads Slack's mrkdwn as Slack's formatting reference describes it, and throws at the first thing that is not
 * what it was meant to be: a stray bracket or ampersand, a span that is not closed, a line that a mark runs over.
 */
export function readMrkdwn(text: string): readonly Special[] {
  const specials: Special[] = []
  for (const line of text.split('\n')) {
    const bare = line.replace(/<([^<>]*)>/g, (_, inside: string) => {
      specials.push(readSpecial(inside))
      return '§'
    })
    if (/[<>]/.test(bare)) throw new Error(`a stray bracket in ${JSON.stringify(line)}`)
    const withoutCode = bare.replace(/`[^`]+`/g, '§')
    if (withoutCode.includes('`')) throw new Error(`an open code span in ${JSON.stringify(line)}`)
    if (/&(?!amp;|lt;|gt;)/.test(bare)) throw new Error(`a bare ampersand in ${JSON.stringify(line)}`)
    const withoutBold = withoutCode.replace(/\*[^*\s](?:[^*]*[^*\s])?\*/g, '§')
    if (/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/u.test(withoutBold))
      throw new Error(`a mark of italics in ${JSON.stringify(line)}`)
    if (/:[\p{Ll}\p{Lo}\p{N}_+-]+:/u.test(withoutBold)) throw new Error(`an emoji in ${JSON.stringify(line)}`)
    if (/^\s*&gt;/.test(line)) throw new Error(`a quotation in ${JSON.stringify(line)}`)
    if (/[*~]/.test(withoutBold)) throw new Error(`an open mark in ${JSON.stringify(line)}`)
    if (/[\p{Cc}\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]/u.test(line))
      throw new Error(`an invisible mark in ${JSON.stringify(line)}`)
  }
  if (!text.isWellFormed()) throw new Error('a lone surrogate')
  return specials
}

function readSpecial(inside: string): Special {
  const person = /^@([UW][A-Z0-9]+)$/.exec(inside) ?? /^!subteam\^(S[A-Z0-9]+)$/.exec(inside)
  if (person?.[1] !== undefined) return { kind: 'ping', id: person[1] }
  if (/^!date\^\d+\^[^|^]+\|[^|]+$/.test(inside)) return { kind: 'date' }
  const link = /^(https:\/\/[^|\s]+)\|([^|]+)$/.exec(inside)
  if (link?.[1] !== undefined && link[2] !== undefined) return { kind: 'link', url: link[1], label: link[2] }
  throw new Error(`<${inside}> is nothing that we write`)
}
