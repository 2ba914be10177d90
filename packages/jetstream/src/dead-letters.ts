// Owns what a person does about messages that could not be processed.
// L1. A letter is kept when it is redriven: DEAD_LETTERS lets nobody delete. Redriven twice it changes nothing, since
//     every service takes an older state, or the same once more, for no news.
import { type DeadLetter, decodeEvent, type Parsed, parseDeadLetter, streams } from '@hermod/contracts'
import { type CommandIo, type RunCommand, UsageError } from '@hermod/runtime'
import { defineOperatorTool, operatorLogin } from './operator-tool.ts'
import { createPublisher } from './publish.ts'
import type { Reach } from './reach.ts'
import { type StoredMessage, storedMessage, storedMessages } from './stored-messages.ts'

const stream = streams.deadLetters.name

const usage = `usage: dead-letters list [--json]         the messages that could not be processed, with why
       dead-letters show NUMBER…          one with its payload
       dead-letters redrive NUMBER…       sent again to where it came from, once the cause is mended
       dead-letters redrive --all
${operatorLogin}`

export const deadLetters: RunCommand = defineOperatorTool({
  name: 'dead-letters',
  usage,
  verbs: { list, show, redrive },
})

async function list(
  reach: Reach,
  _: readonly string[],
  { options, print, complain }: CommandIo,
): Promise<number> {
  let count = 0
  for await (const stored of storedMessages(reach, stream)) {
    const { sequence } = stored
    const letter = read(stored)
    count++
    if (options['json'] === true) print(JSON.stringify({ number: sequence, ...described(letter) }))
    else if (letter.kind !== 'ok') print(`${sequence}  ${problemOf(letter)}`)
    else {
      const { at, service, subject, reason } = letter.value
      print(`${sequence}  ${at}  ${service}  ${subject}  ${reason}`)
    }
  }
  if (count === 0) complain('no dead letters: everything could be processed')
  return 0
}

async function show(reach: Reach, words: readonly string[], { print }: CommandIo): Promise<number> {
  for (const { number, letter } of await letters(reach, words))
    print(JSON.stringify({ number, ...letter, payload: readable(letter.payload) }, undefined, 2))
  return 0
}

async function redrive(reach: Reach, words: readonly string[], io: CommandIo): Promise<number> {
  const { print, complain, options } = io
  const chosen = options['all'] === true ? await allLetters(reach, complain) : await letters(reach, words)
  const publisher = createPublisher({ connection: reach.connection, log: unheard, report: reach.report })
  let failed = 0
  for (const { number, letter } of chosen) {
    if (letter.payload === '') {
      failed++
      complain(
        `${number}: not sent, its payload was too large to be kept: ${letter.stream} had it as ${letter.sequence}`,
      )
      continue
    }
    const message = {
      subject: letter.subject,
      id: `redrive-${number}-${letter.at}`,
      body: Buffer.from(letter.payload, 'base64'),
      headers: own(letter.headers),
    }
    const { duplicate } = await reach.within(async (late) => await publisher.publish(message, late))
    print(duplicate ? `${number}: was sent again a moment ago` : `${number}: sent to ${letter.subject}`)
  }
  return failed === 0 ? 0 : 1
}

interface Numbered {
  readonly number: number
  readonly letter: DeadLetter
}

async function letters(reach: Reach, words: readonly string[]): Promise<readonly Numbered[]> {
  if (words.length === 0) throw new UsageError('say which one', usage)
  const found: Numbered[] = []
  for (const word of words) {
    if (!/^[1-9]\d{0,14}$/.test(word)) throw new UsageError(`${word} is no number of a dead letter`, usage)
    const stored = await storedMessage(reach, stream, Number(word))
    if (!stored) throw new UnknownLetter(word)
    const letter = read(stored)
    if (letter.kind !== 'ok') throw new UnreadableLetter(word, problemOf(letter))
    found.push({ number: stored.sequence, letter: letter.value })
  }
  return found
}

async function allLetters(reach: Reach, complain: (line: string) => void): Promise<readonly Numbered[]> {
  const found: Numbered[] = []
  for await (const stored of storedMessages(reach, stream)) {
    const letter = read(stored)
    if (letter.kind === 'ok') found.push({ number: stored.sequence, letter: letter.value })
    else complain(`${stored.sequence}: not sent, ${problemOf(letter)}`)
  }
  return found
}

class UnknownLetter extends Error {
  override name = 'UnknownLetter'
  readonly remedy = '`dead-letters list` shows those that are kept, for 30 days'

  constructor(number: string) {
    super(`there is no dead letter ${number}`)
  }
}

class UnreadableLetter extends Error {
  override name = 'UnreadableLetter'
  readonly remedy = 'use the tools of the newest release that runs'

  constructor(number: string, problem: string) {
    super(`dead letter ${number}: ${problem}`)
  }
}

function read({ body }: StoredMessage): Parsed<DeadLetter> {
  const event = decodeEvent(new TextDecoder().decode(body), parseDeadLetter)
  return event.kind === 'ok' ? { kind: 'ok', value: event.value.data } : event
}

function problemOf(unread: Exclude<Parsed<DeadLetter>, { kind: 'ok' }>): string {
  return unread.kind === 'newer'
    ? `of version ${unread.version}, which needs a newer release`
    : unread.problem
}

function described(letter: Parsed<DeadLetter>): object {
  if (letter.kind !== 'ok') return { problem: problemOf(letter) }
  const { payload: _, ...rest } = letter.value
  return rest
}

function readable(payload: string): unknown {
  const text = Buffer.from(payload, 'base64').toString('utf8')
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

// The server's own, such as Nats-Msg-Id, belonged to the first publish.
function own(headers: DeadLetter['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('nats-')))
}

const ignore = (): void => undefined
const unheard = { debug: ignore, info: ignore, warn: ignore, error: ignore }
