const begin = '<!-- written by npm run docs: begin -->'
const end = '<!-- written by npm run docs: end -->'

/** The text with what `npm run docs` writes in it brought up to date. Throws when the marks are not there. */
export function withWrittenPart(text: string, part: string, file: string): string {
  const from = text.indexOf(begin)
  const to = text.indexOf(end)
  if (from < 0 || to < from) throw new Error(`${file} lacks the lines ${begin} and ${end}`)
  return `${text.slice(0, from)}${begin}\n\n${part}\n\n${text.slice(to)}`
}
