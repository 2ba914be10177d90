// `parked`: what an operator sees of cards that their channel does not take, and asks for.
import { defineOperatorTool, operatorLogin, type Reach } from '@hermod/jetstream'
import { type CommandIo, FatalError, type RunCommand, UsageError } from '@hermod/runtime'
import { readChannel } from './notification/channel-name.ts'
import { openParkedCards, type ParkedCard } from './parked-cards.ts'

const usage = `usage: parked list [--json]       the cards that their channel does not take, with why and since when
       parked retry CHANNEL…      they are tried again at once, where the cause is mended
       parked retry --all
${operatorLogin}`

export const parked: RunCommand = defineOperatorTool({ name: 'parked', usage, verbs: { list, retry } })

async function list(
  reach: Reach,
  _: readonly string[],
  { options, print, complain }: CommandIo,
): Promise<number> {
  const { all, isWhole } = await parkedCards(reach, complain)
  for (const card of all) print(options['json'] === true ? JSON.stringify(card) : lineOf(card))
  if (all.length === 0 && isWhole) complain('nothing is parked: every channel takes its cards')
  return 0
}

async function retry(
  reach: Reach,
  words: readonly string[],
  { options, print, complain }: CommandIo,
): Promise<number> {
  const cards = openParkedCards(reach.connection)
  const channels = options['all'] === true ? [''] : chosen(words, (await parkedCards(reach, complain)).all)
  for (const channel of channels) {
    const where = channel === '' ? 'all channels' : `#${channel}`
    if (!(await reach.within(() => cards.retry(channel)))) {
      complain(`${where}: no notifier heard it; the next one that starts tries it`)
      return 1
    }
    print(`${where}: tried again`)
  }
  return 0
}

/** Cards of a newer release hinder nobody from seeing the others. */
async function parkedCards(
  reach: Reach,
  complain: CommandIo['complain'],
): Promise<{ readonly all: readonly ParkedCard[]; readonly isWhole: boolean }> {
  let isWhole = true
  const leaveOut = ({ message }: Error): void => {
    isWhole = false
    complain(`left out: ${message}`)
  }
  const all = await reach.within(() => openParkedCards(reach.connection).list(leaveOut))
  return { all, isWhole }
}

function lineOf({ channel, since, reason, example }: ParkedCard): string {
  return `#${channel}  ${since}  ${reason}  ${example}`
}

function chosen(words: readonly string[], all: readonly ParkedCard[]): readonly string[] {
  if (words.length === 0) throw new UsageError('say which channel', usage)
  return words.map((word) => {
    const { channel } = readChannel(word)
    if (all.some((card) => card.channel === channel)) return channel
    throw new FatalError(`nothing is parked in #${channel}`, { remedy: '`parked list` names the channels' })
  })
}
