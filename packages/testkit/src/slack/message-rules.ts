import { isRecord, type SlackArguments, textArgument } from './arguments.ts'
import { blockProblems, renderedLength } from './block-rules.ts'
import { type Refusal, refuse } from './reply.ts'

/** What a message shows and carries. An absent field was not given. */
export interface MessageContent {
  text?: string
  blocks?: readonly unknown[]
  attachments?: readonly unknown[]
  /** `{}` takes a message's metadata away. */
  metadata?: Readonly<Record<string, unknown>>
}

/** The message in a call's arguments, or Slack's refusal of it. */
export function readMessage(args: SlackArguments, purpose: 'post' | 'update'): MessageContent | Refusal {
  const { blocks, attachments, metadata } = args
  if (blocks !== undefined && !Array.isArray(blocks)) return refuse('invalid_blocks_format')
  if (attachments !== undefined && !Array.isArray(attachments)) return refuse('invalid_attachments')
  const text = textArgument(args, 'text') ?? textArgument(args, 'markdown_text')
  if (!text?.trim() && !blocks?.length && !attachments?.length) return refuse('no_text')
  return (
    checkText(args, purpose) ??
    checkBlocks(blocks ?? [], attachments ?? []) ??
    checkMetadata(metadata) ?? {
      ...(text !== undefined && { text: purpose === 'post' ? text.slice(0, 40_000) : text }),
      ...(blocks && { blocks: withIds(blocks) }),
      ...(attachments && { attachments }),
      ...(isRecord(metadata) && { metadata }),
    }
  )
}

function checkText(args: SlackArguments, purpose: 'post' | 'update'): Refusal | undefined {
  const markdown = textArgument(args, 'markdown_text')
  if (markdown !== undefined) {
    if (args['text'] !== undefined || args['blocks'] !== undefined) return refuse('markdown_text_conflict')
    if (markdown.length > 12_000) return refuse('msg_too_long')
  }
  // Documented as 4,000 characters; bytes were seen in the field and are the stricter reading.
  const bytes = Buffer.byteLength(textArgument(args, 'text') ?? '')
  return purpose === 'update' && bytes > 4000 ? refuse('msg_too_long') : undefined
}

function checkBlocks(blocks: readonly unknown[], attachments: readonly unknown[]): Refusal | undefined {
  if (attachments.length > 100) return refuse('too_many_attachments')
  const inBlocks = blockProblems(blocks, '/blocks')
  if (inBlocks.length > 0) return refuse('invalid_blocks', problems(inBlocks))
  const inAttachments = attachments.flatMap((attachment, index) =>
    attachmentProblems(attachment, `/attachments/${index}`),
  )
  if (inAttachments.length > 0) return refuse('invalid_attachments', problems(inAttachments))
  const inAll = renderedLength([
    blocks,
    attachments.map((attachment) => isRecord(attachment) && attachment['blocks']),
  ])
  return inAll > 13_200 ? refuse('msg_blocks_too_long') : undefined
}

function attachmentProblems(attachment: unknown, at: string): string[] {
  if (!isRecord(attachment)) return [`must be a valid object [json-pointer:${at}]`]
  const { blocks } = attachment
  if (blocks === undefined) return []
  if (!Array.isArray(blocks)) return [`must provide an array [json-pointer:${at}/blocks]`]
  // Beside blocks Slack takes the bar and the fallback, no other field of the old attachments.
  const foreign = Object.keys(attachment).filter((key) => !['blocks', 'color', 'fallback'].includes(key))
  return [
    ...foreign.map((key) => `invalid_keys: ${key} [json-pointer:${at}]`),
    ...blockProblems(blocks, `${at}/blocks`),
  ]
}

function problems(list: readonly string[]): Record<string, unknown> {
  return { errors: list, response_metadata: { messages: list.map((each) => `[ERROR] ${each}`) } }
}

function checkMetadata(metadata: unknown): Refusal | undefined {
  if (metadata === undefined || (isRecord(metadata) && Object.keys(metadata).length === 0)) return undefined
  if (!isRecord(metadata)) return refuse('invalid_metadata_format')
  const { event_type: type, event_payload: payload } = metadata as Record<
    'event_type' | 'event_payload',
    unknown
  >
  if (typeof type !== 'string' || !/^\w+$/.test(type) || !isRecord(payload))
    return refuse('invalid_metadata_format')
  const isFlat = (value: unknown) => isRecord(value) && Object.values(value).every(isScalar)
  const fits = (value: unknown) =>
    isScalar(value) || isFlat(value) || (Array.isArray(value) && value.every(isFlat))
  if (!Object.values(payload).every(fits)) return refuse('invalid_metadata_schema')
  // Slack has a limit and does not publish it; 4 KiB is far above what a key needs.
  return Buffer.byteLength(JSON.stringify(metadata)) > 4096 ? refuse('metadata_too_large') : undefined
}

function isScalar(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value)
}

function withIds(blocks: readonly unknown[]): readonly unknown[] {
  return blocks.map((block, index) => ({ block_id: `b${index}`, ...(block as object) }))
}
