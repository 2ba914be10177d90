import { type CommandIo, defineCommand, type RunCommand, UsageError } from '@hermod/runtime'
import { asOperator } from './as-operator.ts'
import { checkNatsConfig, natsSettings } from './nats-settings.ts'
import { type Reach, reachNats } from './reach.ts'

/** What one word of a tool does, with the words after it; resolves to the exit code. */
export type Verb = (reach: Reach, words: readonly string[], io: CommandIo) => Promise<number>

/** The last lines of a tool's usage. */
export const operatorLogin = `NATS_URL, NATS_USER and NATS_PASSWORD name the server and a user with the operator's rights; --password-stdin takes the
password of the user operator from standard input.`

/** A tool of the operator whose first word says what to do. */
export function defineOperatorTool({
  name,
  usage,
  verbs,
}: {
  readonly name: string
  readonly usage: string
  readonly verbs: Readonly<Record<string, Verb>>
}): RunCommand {
  return asOperator(
    defineCommand({
      name,
      usage,
      settings: natsSettings,
      check: checkNatsConfig,
      options: { json: { type: 'boolean' }, all: { type: 'boolean' } },
      run: async (config, io) => {
        const [verb = '', ...words] = io.words
        const act = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined
        if (!act) throw new UsageError(verb === '' ? 'say what to do' : `unknown word ${verb}`, usage)
        await using reach = await reachNats(config, { name: `hermod-${name}`, signal: io.signal })
        return await act(reach, words, io)
      },
    }),
  )
}
