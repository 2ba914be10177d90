import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { FakeSlack } from '@hermod/testkit'
import type { MessageLook } from '../preview-state.ts'

export interface CardSample {
  /** As the notifier names this kind of card: `stuck-image`. */
  readonly name: string
  readonly look: MessageLook
}

const folder = join(import.meta.dirname, '../../../../../services/notifier/src/notification/testdata/cards')

/** Every kind of card, exactly as the notifier makes it. */
export function cardSamples(): CardSample[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => ({
      name: basename(file, '.json'),
      look: JSON.parse(readFileSync(join(folder, file), 'utf8')) as MessageLook,
    }))
}

/** One call of Slack's Web API, as a client makes it; throws for what Slack refuses. */
export async function callSlack(
  slack: FakeSlack,
  method: string,
  args: Readonly<Record<string, unknown>>,
): Promise<string> {
  const answer = await fetch(`${slack.apiUrl}${method}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${slack.token}`, 'content-type': 'application/json' },
    body: JSON.stringify(args),
  })
  const { ok, error, ts } = (await answer.json()) as { ok: boolean; error?: string; ts?: string }
  if (!ok || ts === undefined) throw new Error(`Slack refused ${method}: ${error}`)
  return ts
}
