// `parked`: what an operator sees of cards that their channel does not take, and asks for.
import { asOperator, checkNatsConfig, natsSettings, reachNats } from '@hermod/jetstream'
import { defineCommand, FatalError, type RunCommand, UsageError } from '@hermod/runtime'
import { readChannel } from './notification/channel-name.ts'
import { openParkedCards, type ParkedCard } from './parked-cards.ts'

const usage = `usage: parked list [--json]       the cards that their channel does not take, with why and since when
       parked retry CHANNEL…      they are tried again at once, where the cause is mended
       parked retry --all
NATS_URL, NATS_USER and NATS_PASSWORD name the server and a user with the operator's rights; --password-stdin takes the
password of the user operator from standard input.`

export const parked: RunCommand = asOperator(
  defineCommand({
    name: 'parked',
    usage,
    settings: natsSettings,
    check: checkNatsConfig,
    options: { json: { type: 'boolean' }, all: { type: 'boolean' } },
    run: async (config, { words: [verb = '', ...words], options, print, complain, signal }) => {
      if (verb !== 'list' && verb !== 'retry')
        throw new UsageError(verb === '' ? 'what about them?' : `unknown word ${verb}`, usage)
      await using reach = await reachNats(config, { name: 'hermod-parked', signal })
      const cards = openParkedCards(reach.connection)
      const all = await reach.within(() => cards.list())
      if (verb === 'list') {
        for (const card of all) print(options['json'] === true ? JSON.stringify(card) : lineOf(card))
        if (all.length === 0) complain('nothing is parked: every channel takes its cards')
        return 0
      }
      const channels = options['all'] === true ? [''] : chosen(words, all)
      for (const channel of channels) {
        const where = channel === '' ? 'all channels' : `#${channel}`
        if (!(await reach.within(() => cards.retry(channel)))) {
          complain(`${where}: no notifier heard it; the next one that starts tries it`)
          return 1
        }
        print(`${where}: tried again`)
      }
      return 0
    },
  }),
)

function lineOf({ channel, since, reason, example }: ParkedCard): string {
  return `#${channel}  ${since}  ${reason}  ${example}`
}

function chosen(words: readonly string[], all: readonly ParkedCard[]): readonly string[] {
  if (words.length === 0) throw new UsageError('which channel?', usage)
  return words.map((word) => {
    const { channel } = readChannel(word)
    if (all.some((card) => card.channel === channel)) return channel
    throw new FatalError(`nothing is parked in #${channel}`, { remedy: '`parked list` names the channels' })
  })
}
