/** Every place where something from outside becomes something of ours, with inputs that it must bear. */
import {
  decodeEvent,
  parseDeadLetter,
  parseDeploymentKey,
  parseJson,
  parseObserved,
  parseReceipt,
  parseRolloutState,
  parseTransition,
  unescapeToken,
} from '@hermod/contracts'
import { createScrubber, readSettings, type SettingsOf } from '@hermod/runtime'
import { readDelivery } from '../../packages/jetstream/src/delivery.ts'
import { parseDuration } from '../../packages/runtime/src/duration.ts'
import { parseCacheFile, writeCacheFile } from '../../services/dedupe/src/cache/cache-file.ts'
import { dedupeSettings } from '../../services/dedupe/src/index.ts'
import { advance } from '../../services/dedupe/src/rollout/rollout-state-machine.ts'
import { parseStored, writeStored } from '../../services/dedupe/src/stored-rollout.ts'
import { notifierSettings } from '../../services/notifier/src/config.ts'
import { code, plainText } from '../../services/notifier/src/notification/escape.ts'
import { parseCard } from '../../services/notifier/src/notification/parse-card.ts'
import { renderStory } from '../../services/notifier/src/notification/render.ts'
import { route } from '../../services/notifier/src/notification/route.ts'
import { judge } from '../../services/notifier/src/notification/slack-verdict.ts'
import { takeIn } from '../../services/notifier/src/notification/take-in.ts'
import { rollout, transition } from '../../services/notifier/src/notification/testdata/rollouts.ts'
import { readMrkdwn } from '../../services/notifier/src/notification/testdata/slack-grammar.ts'
import { watcherSettings } from '../../services/watcher/src/index.ts'
import type { EntryPoint } from './entry-point.ts'
import { about, moment, observation, observed, stored, taken, told, transitioned } from './samples.ts'
import { watchEntryPoints } from './watch-entry-points.ts'

const renderSettings = {
  style: 'card' as const,
  linkTemplates: [['logs', 'https://logs.example/{namespace}'] as const],
  linkHostsAllowed: undefined,
}
const routeSettings = { defaultChannels: [], channelsAllowed: ['deploys'], teamMentions: new Map() }
const scrubber = createScrubber()

function json(input: string): unknown {
  try {
    return JSON.parse(input)
  } catch {
    return input
  }
}

/** What is no object of JSON is the text of every name that is known. */
function textsOf(input: string, names: readonly string[]): Readonly<Record<string, string>> {
  const data = json(input)
  if (typeof data === 'string') return Object.fromEntries(names.map((name) => [name, data]))
  const texts = Object.entries(Object(data) as object).map(([key, value]) => [
    key,
    typeof value === 'string' ? value : JSON.stringify(value),
  ])
  return Object.fromEntries(texts) as Record<string, string>
}

const annotations = {
  'hermod.uswitch.com/slack': '#deploys, C123',
  'hermod.uswitch.com/alert': 'failure',
  'hermod.uswitch.com/mention': 'U123',
}

function settingsEntry(
  name: string,
  settings: SettingsOf<object>,
  sample: Readonly<Record<string, string>>,
): EntryPoint {
  return {
    name: `settings of ${name}`,
    samples: [JSON.stringify(sample)],
    longestMs: 1_000,
    take(input) {
      const env = textsOf(input, Object.keys(sample))
      const openFile = () => ({ ok: false, problem: 'none' }) as const
      readSettings({ env, argv: input.split(/\s+/).slice(0, 20), openFile }, settings)
    },
  }
}

export const entryPoints: readonly EntryPoint[] = [
  ...watchEntryPoints,
  {
    name: 'message of OBSERVATIONS',
    samples: [observed],
    take: (input) => void decodeEvent(input, parseObserved),
  },
  {
    name: 'message of ROLLOUTS',
    samples: [transitioned],
    take: (input) => void decodeEvent(input, parseTransition),
  },
  {
    name: 'observation, followed',
    samples: [JSON.stringify(observation)],
    take(input) {
      const parsed = parseJson(input, parseObserved)
      if (parsed.kind !== 'ok' || parsed.value.kind !== 'observation') return
      const first = advance(undefined, parsed.value, moment)
      advance(
        first.tracked,
        { ...parsed.value, generation: parsed.value.generation + 1 },
        { ...moment, nowMs: moment.nowMs + 1_000 },
      )
      advance(stored.tracked, parsed.value, moment)
    },
  },
  {
    name: 'transition, on a card',
    samples: [JSON.stringify(told), JSON.stringify(transition('started', 1))],
    take(input) {
      const parsed = parseJson(input, parseTransition)
      if (parsed.kind !== 'ok') return
      const { card } = takeIn(taken, parsed.value, route(parsed.value.rollout, routeSettings), moment.nowMs)
      if (!card) return
      const { text, attachments } = renderStory(card.story, renderSettings, { tellsWord: true })
      readMrkdwn(text)
      if (JSON.stringify(attachments).length > 60_000) throw new Error('a message that Slack does not take')
    },
  },
  {
    name: 'value of KV rollouts',
    samples: [
      JSON.stringify(
        stored.tracked
          ? writeStored({ tracked: stored.tracked, outbox: stored.transitions, lastSeen: 'a' })
          : {},
      ),
    ],
    take(input) {
      parseJson(input, parseStored)
      parseJson(input, parseRolloutState)
    },
  },
  {
    name: 'value of KV cards',
    samples: [
      JSON.stringify(taken),
      JSON.stringify({
        ...taken,
        story: { kind: 'digest', about: 'late', items: [{ card: 'a', transition: told }] },
      }),
    ],
    take: (input) => void parseJson(input, parseCard),
  },
  {
    name: 'dead letter and receipt',
    samples: [
      JSON.stringify({
        version: 1,
        service: 'dedupe',
        stream: 'OBSERVATIONS',
        consumer: 'dedupe-0',
        sequence: 1,
        subject: 'a',
        reason: 'b',
        deliveries: 1,
        headers: {},
        payload: '',
        at: about.time,
      }),
    ],
    take(input) {
      parseJson(input, parseDeadLetter)
      parseJson(input, parseReceipt)
    },
  },
  {
    name: 'cache file',
    samples: [writeCacheFile(new Map([['web', { type: 'MODIFIED', spec: { replicas: 1 } }]]))],
    take(input) {
      const file = parseCacheFile(input)
      if (file.kind === 'ok') parseCacheFile(writeCacheFile(file.entries))
    },
  },
  {
    name: 'answer of Slack',
    samples: ['{"ok":false,"error":"channel_not_found"}', '{"ok":true,"ts":"1.2"}', '429'],
    take(input) {
      const { ok, error } = Object(json(input)) as Record<string, unknown>
      judge({ kind: 'reply', ok: ok === true, error: typeof error === 'string' ? error : undefined })
      judge({ kind: 'http', status: Number(input), retryAfterSeconds: Number.parseInt(input, 10) })
      judge({ kind: 'network', code: input })
    },
  },
  {
    name: 'annotations',
    samples: [JSON.stringify(annotations)],
    take(input) {
      route(rollout({ annotations: textsOf(input, Object.keys(annotations)) }), routeSettings)
    },
  },
  {
    name: 'text on a card',
    samples: [
      'Back-off pulling image "registry.example/checkout:2.4.1": not found',
      '👩‍👩‍👧‍👦 <!channel> `x` *y*',
    ],
    take(input) {
      readMrkdwn(plainText(input))
      const inCode = code(input)
      if (inCode !== '') readMrkdwn(inCode)
    },
  },
  {
    name: 'text in a log',
    samples: ['Bearer abcdefgh https://user:password@host/ xoxb-12345678-abc eyJhbGciOi.eyJhbGciOi.abc'],
    take: (input) => void scrubber.scrub(input),
  },
  {
    name: 'key and token of NATS',
    samples: ['3.default.shop.web', '_5f_00a'],
    take(input) {
      parseDeploymentKey(input)
      unescapeToken(input)
    },
  },
  {
    name: 'reply subject of NATS',
    samples: ['$JS.ACK.OBSERVATIONS.dedupe-0.1.2.3.1767225600000000000.0', '$JS.ACK.d.a.S.C.1.2.3.4.5.r.x'],
    take: (input) => void readDelivery({ reply: input, subject: 'a', data: new Uint8Array() } as never),
  },
  { name: 'duration', samples: ['1h30m', '250ms', '7d'], take: (input) => void parseDuration(input) },
  settingsEntry('watcher', watcherSettings, {
    NATS_URL: 'nats://a:4222',
    NAMESPACES: 'a b',
    KUBERNETES_SERVICE_PORT: '443',
  }),
  settingsEntry('dedupe', dedupeSettings, { NATS_URL: 'nats://a:4222', ARTIFACTORY_URL: 'https://a/b' }),
  settingsEntry('notifier', notifierSettings, {
    NATS_URL: 'nats://a:4222',
    SLACK_TOKEN: 'xoxb-1',
    SLACK_CHANNEL: '#a,b',
    LINK_TEMPLATES: 'logs=https://a/{namespace}',
    TEAM_MENTIONS: 'a=S123',
    SLACK_TIMEOUT: '10s',
  }),
]
