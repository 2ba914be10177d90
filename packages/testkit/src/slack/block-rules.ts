import { isRecord } from './arguments.ts'

/**
 * Block Kit as Slack enforces it: sizes from @slack/types 3.2 and the block reference, wording of the
 * problems from its replies. Only blocks that a notification is made of are known; others are refused.
 */
export function blockProblems(blocks: readonly unknown[], at: string): string[] {
  const problems = blocks.flatMap((block, index) => checkBlock(block, `${at}/${index}`))
  if (blocks.length > 50) problems.unshift(problem('no more than 50 items allowed', at))
  const seen = new Set<unknown>()
  for (const [index, block] of blocks.entries()) {
    const id = isRecord(block) ? block['block_id'] : undefined
    if (id === undefined) continue
    if (typeof id !== 'string' || id.length > 255) {
      problems.push(problem('must be less than 256 characters', `${at}/${index}/block_id`))
    }
    if (seen.has(id)) problems.push(problem('block_id must be unique', `${at}/${index}/block_id`))
    seen.add(id)
  }
  return problems
}

/**
 * What counts against the size of all blocks together: every text, and about 100 for a header. Slack
 * documents neither this nor the limit of 13,200; both are as others measured them.
 */
export function renderedLength(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + renderedLength(item), 0)
  if (!isRecord(value)) return 0
  const own = value['type'] === 'header' ? 100 : 0
  return Object.entries(value).reduce(
    (sum, [key, item]) =>
      sum +
      (typeof item === 'string' && (key === 'text' || key === 'alt_text')
        ? item.length
        : renderedLength(item)),
    own,
  )
}

interface BlockRule {
  keys: readonly string[]
  check(block: Record<string, unknown>, at: string): string[]
}

const rules: Readonly<Record<string, BlockRule>> = {
  divider: { keys: [], check: () => [] },
  header: {
    keys: ['text'],
    check: ({ text }, at) => textProblems(text, `${at}/text`, { max: 150, kinds: ['plain_text'] }),
  },
  section: {
    keys: ['text', 'fields', 'accessory', 'expand'],
    check: ({ text, fields, accessory }, at) => [
      ...(text === undefined && fields === undefined ? [problem('missing required field: text', at)] : []),
      ...(text === undefined ? [] : textProblems(text, `${at}/text`, { max: 3000 })),
      ...(fields === undefined ? [] : listProblems(fields, `${at}/fields`, 10, fieldProblems)),
      ...(accessory === undefined ? [] : elementProblems(accessory, `${at}/accessory`)),
    ],
  },
  context: {
    keys: ['elements'],
    check: ({ elements }, at) => listProblems(elements, `${at}/elements`, 10, contextElementProblems),
  },
  actions: {
    keys: ['elements'],
    check: ({ elements }, at) => listProblems(elements, `${at}/elements`, 25, elementProblems),
  },
  image: {
    keys: ['image_url', 'slack_file', 'alt_text', 'title'],
    check: (block, at) => imageProblems(block, at),
  },
  markdown: {
    keys: ['text'],
    check: ({ text }, at) => stringProblems(text, `${at}/text`, 12_000),
  },
  rich_text: {
    keys: ['elements'],
    check: ({ elements }, at) =>
      Array.isArray(elements) ? [] : [problem('missing required field: elements', at)],
  },
}

function checkBlock(block: unknown, at: string): string[] {
  if (!isRecord(block)) return [problem('must be a valid object', at)]
  const type = String(block['type'])
  const rule = Object.hasOwn(rules, type) ? rules[type] : undefined
  if (rule === undefined) return [problem(`unsupported type: ${type}`, `${at}/type`)]
  return [...unknownKeys(block, ['type', 'block_id', ...rule.keys], at), ...rule.check(block, at)]
}

interface TextLimit {
  max: number
  kinds?: readonly string[]
}

function textProblems(
  text: unknown,
  at: string,
  { max, kinds = ['plain_text', 'mrkdwn'] }: TextLimit,
): string[] {
  if (!isRecord(text)) return [problem('must provide an object', at)]
  if (!kinds.includes(String(text['type']))) return [problem('must be a valid enum value', `${at}/type`)]
  // Slack refuses `emoji` on mrkdwn and `verbatim` on plain_text.
  const own = text['type'] === 'mrkdwn' ? 'verbatim' : 'emoji'
  return [...unknownKeys(text, ['type', 'text', own], at), ...stringProblems(text['text'], `${at}/text`, max)]
}

function fieldProblems(field: unknown, at: string): string[] {
  return textProblems(field, at, { max: 2000 })
}

function contextElementProblems(element: unknown, at: string): string[] {
  if (isRecord(element) && element['type'] === 'image') return imageProblems(element, at)
  return textProblems(element, at, { max: 3000 })
}

function elementProblems(element: unknown, at: string): string[] {
  if (!isRecord(element)) return [problem('must provide an object', at)]
  if (element['type'] === 'image') return imageProblems(element, at)
  if (element['type'] !== 'button')
    return [problem(`unsupported type: ${String(element['type'])}`, `${at}/type`)]
  const { url } = element as { url?: unknown }
  return [
    ...textProblems(element['text'], `${at}/text`, { max: 75, kinds: ['plain_text'] }),
    ...(url === undefined ? [] : stringProblems(url, `${at}/url`, 3000)),
  ]
}

function imageProblems(image: Record<string, unknown>, at: string): string[] {
  return [
    ...(image['image_url'] === undefined && image['slack_file'] === undefined
      ? [problem('missing required field: image_url', at)]
      : []),
    ...stringProblems(image['alt_text'], `${at}/alt_text`, 2000),
  ]
}

function listProblems(
  list: unknown,
  at: string,
  max: number,
  check: (item: unknown, at: string) => string[],
): string[] {
  if (!Array.isArray(list)) return [problem('must provide an array', at)]
  if (list.length === 0) return [problem('no fewer than 1 items allowed', at)]
  if (list.length > max) return [problem(`no more than ${max} items allowed`, at)]
  return list.flatMap((item, index) => check(item, `${at}/${index}`))
}

function stringProblems(value: unknown, at: string, max: number): string[] {
  if (typeof value !== 'string') return [problem('must provide a string', at)]
  if (value.length === 0) return [problem('must be more than 0 characters', at)]
  // UTF-16 units: never more lenient than Slack, whichever unit it counts in.
  return value.length > max ? [problem(`must be less than ${max + 1} characters`, at)] : []
}

function unknownKeys(value: Record<string, unknown>, known: readonly string[], at: string): string[] {
  return Object.keys(value)
    .filter((key) => !known.includes(key))
    .map((key) => problem(`invalid additional property: ${key}`, at))
}

function problem(what: string, at: string): string {
  return `${what} [json-pointer:${at}]`
}
