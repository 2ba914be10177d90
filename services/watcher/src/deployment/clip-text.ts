const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** The longest text of Kubernetes that an observation carries, in UTF-16 units. */
const longestText = 500

/** At most `longest` UTF-16 units of `text`, never cut inside what people see as one character. */
export function clipText(text: string, longest: number = longestText): string {
  const whole = text.toWellFormed()
  if (whole.length <= longest) return whole
  let end = 0
  for (const { segment, index } of graphemes.segment(whole.slice(0, longest * 2))) {
    if (index + segment.length > longest - 1) break
    end = index + segment.length
  }
  return `${whole.slice(0, end)}…`
}
