/**
 * Says what is sent instead of a line. Lines come with their end and are counted from 0; '' drops one, and what is
 * returned without an end runs into the next. After `last` the stream ends in peace, or is cut in the middle.
 */
export type LineEdit = (line: string, index: number) => EditedLine
export type EditedLine = string | { last: string; how: 'end' | 'cut' }

/** Which line an edit is meant for: its number, or what it says. */
export type LineChoice = number | ((line: string) => boolean)

export const lineEdit = {
  drop: (choice: LineChoice): LineEdit => atLine(choice, () => ''),
  duplicate: (choice: LineChoice): LineEdit => atLine(choice, (line) => line + line),
  /** Still a line, no longer JSON. */
  malform: (choice: LineChoice): LineEdit => atLine(choice, (line) => line.replace('{', '{"')),
  /** The first half of it, and the end of the connection. */
  truncate: (choice: LineChoice): LineEdit =>
    atLine(choice, (line) => ({ last: line.slice(0, Math.floor(line.length / 2)), how: 'cut' })),
  /** The line and then another one. */
  insertAfter: (choice: LineChoice, inserted: string): LineEdit =>
    atLine(choice, (line) => `${line}${inserted}\n`),
} as const

function atLine(choice: LineChoice, edit: (line: string) => EditedLine): LineEdit {
  return (line, index) => {
    const isMeant = typeof choice === 'number' ? index === choice : choice(line)
    return isMeant ? edit(line) : line
  }
}

/** The stream with each line edited, and an error where it is cut. */
export async function* editLines(
  stream: AsyncIterable<Uint8Array>,
  edit: LineEdit,
): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder()
  let rest = ''
  let index = 0
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/(?<=\n)/)
    rest = lines.at(-1)?.endsWith('\n') ? '' : (lines.pop() ?? '')
    for (const line of lines) {
      const edited = edit(line, index++)
      if (typeof edited === 'string') {
        yield Buffer.from(edited)
        continue
      }
      yield Buffer.from(edited.last)
      if (edited.how === 'end') return
      throw new Error('The stream was cut here')
    }
  }
  if (rest) yield Buffer.from(rest)
}
