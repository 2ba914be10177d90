/** How long a text is once Slack's three characters are escaped, in UTF-16 units. */
export function escapedLength(text: string): number {
  let length = text.length
  for (const character of text) {
    if (character === '&') length += '&amp;'.length - 1
    else if (character === '<' || character === '>') length += '&lt;'.length - 1
  }
  return length
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/**
 * The longest beginning of a raw text that takes at most `room` units once escaped; what is cut ends in "…".
 * It never cuts inside what people see as one character.
 */
export function fit(text: string, room: number): string {
  if (text.length <= room && escapedLength(text) <= room) return text
  let kept = ''
  let length = 1
  // No grapheme that fits can begin behind the room, so the rest of a huge text is never looked at.
  for (const { segment } of graphemes.segment(text.slice(0, room + 1))) {
    length += escapedLength(segment)
    if (length > room) break
    kept += segment
  }
  return `${kept.trimEnd()}…`
}

/** The first of the parts, joined, that take at most `room` units, and how many are left. */
export function joinWhatFits(
  parts: readonly string[],
  separator: string,
  room: number,
): { readonly joined: string; readonly left: number } {
  let joined = ''
  for (const [index, part] of parts.entries()) {
    const longer = joined === '' ? part : `${joined}${separator}${part}`
    if (longer.length > room) return { joined, left: parts.length - index }
    joined = longer
  }
  return { joined, left: 0 }
}

/** As many whole parts, joined, as take at most `room` units; those that are not there are left out. */
export function joinWithin(parts: readonly (string | undefined)[], separator: string, room: number): string {
  let joined = ''
  for (const part of parts) {
    if (part === undefined || part === '') continue
    const longer = joined === '' ? part : `${joined}${separator}${part}`
    if (longer.length <= room) joined = longer
  }
  return joined
}
