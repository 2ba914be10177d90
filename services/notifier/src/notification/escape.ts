// Everything that comes from a cluster or a person passes through here before it stands in Slack's mrkdwn.
import { fit } from './fit.ts'
import { withoutSecrets } from './secrets.ts'

/** Where a text takes no `room` of its own choosing: a name, a version. */
const wordRoom = 260

/**
 * Data as it may stand in running text: one line, no control, bidirectional or other invisible marks, nothing that
 * begins a link, a ping, bold, italics, strike, code, an emoji or a quotation. At most `room` units long.
 */
export function plainText(data: string, room: number = wordRoom): string {
  return escapeEntities(
    fit(
      oneLine(data).replace(marks, (mark) => lookalikes[mark] ?? mark),
      room,
    ),
  )
}

// Within a word an underscore begins nothing, and names are full of them; a colon does so only before an emoji's name.
const marks = /^>|[`*~]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|:(?=[\p{Ll}\p{Lo}\p{M}\p{N}_+-]+:)/gu

const lookalikes: Readonly<Record<string, string>> = {
  '>': '›',
  '`': "'",
  '*': '∗',
  '~': '∼',
  _: 'ˍ',
  ':': '∶',
}

/** Data in a code span, where nothing but the backtick means anything; '' when there is nothing to show. */
export function code(data: string, room: number = wordRoom): string {
  const text = escapeEntities(fit(oneLine(data).replaceAll('`', "'"), room - 2))
  return text === '' ? '' : `\`${text}\``
}

/** `escaped` and a colon behind it, which does not end an emoji that begins there: `checkout:latest:`. */
export function withColon(escaped: string): string {
  return `${escaped.replace(/:(?=[\p{Ll}\p{Lo}\p{M}\p{N}_+-]+$)/u, '∶')}:`
}

/** `escaped` must have passed `plainText`. */
export function bold(escaped: string): string {
  return escaped === '' ? '' : `*${escaped}*`
}

export function escapeEntities(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

// The zero-width joiner and non-joiner stay: emoji and several scripts are written with them.
const invisible = /(?![\u200c\u200d])\p{Cf}/gu
const breaks = /[\p{Cc}\p{Zl}\p{Zp}\s]+/gu

function oneLine(data: string): string {
  return withoutSecrets(data.toWellFormed().replace(breaks, ' ').replace(invisible, '').trim())
}
