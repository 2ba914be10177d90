import { barColour, linesOf } from './slack-text.ts'

/** A message as the Slack stand-in holds it. */
export interface ShownMessage {
  readonly ts: string
  readonly threadTs?: string
  readonly broadcast?: boolean
  readonly text?: unknown
  readonly blocks?: unknown
  readonly attachments?: unknown
  /** What it said before, oldest first, the present last. */
  readonly versions: readonly {
    readonly text?: unknown
    readonly blocks?: unknown
    readonly attachments?: unknown
  }[]
}

export interface Look {
  readonly colours: boolean
  /** Characters in a line; Infinity for what is no terminal. */
  readonly width: number
}

/**
 * One message as a few calm lines, or nothing when an edit left its first line and its colour as they were:
 * counts of pods rise many times in a rollout, and a terminal cannot rewrite what has scrolled by.
 */
export function renderMessage(
  channel: string,
  message: ShownMessage,
  how: 'posted' | 'edited' | 'deleted',
  look: Look,
): string | undefined {
  const [first = '', ...rest] = linesOf(message)
  if (how === 'deleted') return block(look, 'grey', `#${channel}`, [`(deleted) ${first}`])
  if (how === 'edited') {
    const before = message.versions.at(-2)
    if (before && linesOf(before)[0] === first && barColour(before) === barColour(message)) return undefined
  }
  const colour = nameOfColour(barColour(message))
  // The card above it, edited at the same time, says the rest.
  if (message.threadTs !== undefined) return block(look, colour, `#${channel}, in the thread`, [first])
  return block(look, colour, `#${channel}`, [first, ...rest])
}

type Colour = 'green' | 'red' | 'amber' | 'blue' | 'grey'

const symbols: Readonly<Record<Colour, string>> = { green: '✓', red: '✗', amber: '!', blue: '↻', grey: '·' }
const codes: Readonly<Record<Colour, number>> = { green: 32, red: 31, amber: 33, blue: 34, grey: 90 }

function block(look: Look, colour: Colour, place: string, [first = '', ...rest]: readonly string[]): string {
  const paint = (text: string, code: number): string =>
    look.colours ? `\u001B[${code}m${text}\u001B[0m` : text
  const bar = paint('▌', codes[colour])
  // A line that begins with a symbol of its own says already what its colour means.
  const head = /^[\p{L}\p{N}*]/u.test(first) ? `${symbols[colour]} ${first}` : first
  const strong = (text: string): string =>
    text.replace(/(?<![\w*])\*([^*]+)\*(?![\w*])/g, (_, inner: string) => paint(inner, 1))
  const lines = [head, ...rest].flatMap((line) => wrap(line, look.width - 4)).map(strong)
  return [`  ${paint(place, 90)}`, ...lines.map((line) => `  ${bar} ${line}`), ''].join('\n')
}

/** A line in pieces of at most `width` characters, broken at spaces where there are any. */
function wrap(line: string, width: number): string[] {
  if (line.length <= width) return [line]
  const space = line.lastIndexOf(' ', width)
  const cut = space > 0 ? space : width
  return [line.slice(0, cut), ...wrap(line.slice(cut).trimStart(), width)]
}

/** The colour's word by its hue, so that no shade has to be agreed upon. */
export function nameOfColour(hex: string | undefined): Colour {
  const value = /^#?([0-9a-f]{6})$/i.exec(hex ?? '')?.[1]
  if (value === undefined) return 'grey'
  const [red = 0, green = 0, blue = 0] = [0, 2, 4].map((at) => Number.parseInt(value.slice(at, at + 2), 16))
  const most = Math.max(red, green, blue)
  if (most - Math.min(red, green, blue) < 40) return 'grey'
  if (most === blue) return 'blue'
  if (most === green) return 'green'
  return green > red / 3 ? 'amber' : 'red'
}
