/** Slack's mrkdwn as a terminal shows it: links by their text, dates by their fallback, entities resolved. */
export function plainText(mrkdwn: string): string {
  return mrkdwn
    .replace(
      /<([^<>|]*)(?:\|([^<>]*))?>/g,
      (_, target: string, label?: string) => label ?? spelledOut(target),
    )
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}

// `<!subteam^S1>`, `<@U1>`, `<#C1>` and plain links.
function spelledOut(target: string): string {
  const mention = /^(?:!subteam\^|!|@)(.+)$/.exec(target)
  return mention?.[1] === undefined ? target : `@${mention[1]}`
}

type Parts = { readonly text?: unknown; readonly blocks?: unknown; readonly attachments?: unknown }

/** What a message says, top to bottom. As in Slack, its `text` is shown unless it has blocks itself. */
export function linesOf({ text, blocks, attachments }: Parts): readonly string[] {
  const head = list(blocks).length > 0 || typeof text !== 'string' ? blockLines(blocks) : [text]
  const mrkdwn = [...head, ...list(attachments).flatMap((each) => blockLines(each['blocks']))]
  // A name out of a cluster must not steer the terminal.
  const safe = (line: string): string => line.replace(/\p{Cc}/gu, '')
  return mrkdwn.flatMap((each) => plainText(each).split('\n').map(safe)).filter((line) => line.trim() !== '')
}

/** The bar's colour, `#rrggbb`. */
export function barColour({ attachments }: Parts): string | undefined {
  const colour = list(attachments)[0]?.['color']
  return typeof colour === 'string' ? colour : undefined
}

function blockLines(blocks: unknown): string[] {
  return list(blocks).flatMap((block) => {
    const inRow = list(block['elements']).map(textOf).filter(Boolean)
    return [textOf(block), ...list(block['fields']).map(textOf), inRow.join(' · ')].filter(Boolean)
  })
}

// `text` is either the text itself or an object that holds it.
function textOf(element: Readonly<Record<string, unknown>>): string {
  const { text } = element
  if (typeof text === 'string') return text
  return isRecord(text) && typeof text['text'] === 'string' ? text['text'] : ''
}

function list(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
