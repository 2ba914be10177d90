import { buckets, type StreamDefinition, streams } from '../streams.ts'
import { subjectsOf } from '../subjects.ts'
import { type DataType, publishedData } from './json-schemas.ts'

interface Channel {
  readonly address: string
  readonly about: string
  readonly data: DataType
  readonly stream?: StreamDefinition
}

const deployment = '{partition}.{cluster}.{namespace}.{name}'

const channels: Readonly<Record<string, Channel>> = {
  transitions: {
    address: `hermod.rollout.${deployment}.{kind}`,
    about:
      'Each change of phase of each rollout, with its reason. The one to build on: follow it with a durable consumer ' +
      'of your own, and nothing is missed.',
    data: 'transition',
    stream: streams.rollouts,
  },
  states: {
    address: 'hermod.state.{cluster}.{namespace}.{name}',
    about:
      'Where the newest rollout of a Deployment stands, live, at most once: for whoever needs no history. The bare ' +
      'JSON, no CloudEvent. An empty payload with the header `KV-Operation: DEL` or `PURGE` says that Hermod forgot ' +
      'this Deployment.',
    data: 'state',
  },
  observations: {
    address: `hermod.observation.${deployment}`,
    about:
      'What the watcher saw of a Deployment. Internal: how a rollout is told from it may change at any time.',
    data: 'observation',
    stream: streams.observations,
  },
  snapshots: {
    address: 'hermod.observation.{partition}.{cluster}._snapshot',
    about: 'Markers between observations. Internal.',
    data: 'snapshot',
    stream: streams.observations,
  },
  deliveries: {
    address: `hermod.delivery.${deployment}`,
    about: 'Proof that Slack accepted what was said of a transition.',
    data: 'delivery',
    stream: streams.deliveries,
  },
  deadLetters: {
    address: 'hermod.dead-letter.{service}.{stream}',
    about: 'What could not be processed, whole, with the reason.',
    data: 'dead-letter',
    stream: streams.deadLetters,
  },
}

const escaped =
  'As a token: `[A-Za-z0-9-]` stand for themselves, every other byte of the UTF-8 is `_hh` (lower case hex), the empty ' +
  'text is `_`. `web.v2` is `web_2ev2`.'

const parameters: Readonly<Record<string, string>> = {
  partition:
    'FNV-1a 32 bit over the UTF-8 of `cluster/namespace/name` (not escaped) modulo the number of partitions, which the ' +
    'metadata of the stream tell (`hermod-partitions`; 16 unless it was set otherwise). `prod/shop/checkout` of 16 is 10.',
  cluster: `The name of the Kubernetes cluster. ${escaped}`,
  namespace: `The namespace. ${escaped}`,
  name: `The name of the Deployment. ${escaped}`,
  kind: 'The kind of the transition, as in its data.',
  service: 'Which service could not process it.',
  stream: 'The stream that it was read from.',
}

/** The AsyncAPI 3 document of all that Hermod says on NATS, beside the JSON Schemas that it refers to. */
export function asyncApiDocument(): Readonly<Record<string, unknown>> {
  const types = Object.keys(publishedData) as DataType[]
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Hermod',
      version: '1.0.0',
      description: 'What Hermod says of every rollout of every Deployment. Written by `npm run docs`.',
      license: { name: 'Apache 2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/cloudevents+json',
    servers: {
      nats: {
        host: 'hermod-nats:4222',
        protocol: 'nats',
        description: 'JetStream. The user `reader` may follow transitions and states, and nothing else.',
        security: [{ type: 'userPassword' }],
      },
    },
    channels: {
      ...Object.fromEntries(
        Object.entries(channels).map(([name, channel]) => [name, describeChannel(channel)]),
      ),
      lastState: lastStateChannel(),
    },
    operations: {
      ...Object.fromEntries(
        Object.keys(channels).map((name) => [
          `send${name[0]?.toUpperCase()}${name.slice(1)}`,
          { action: 'send', channel: { $ref: `#/channels/${name}` } },
        ]),
      ),
      answerLastState: {
        action: 'receive',
        channel: { $ref: '#/channels/lastState' },
        messages: [{ $ref: '#/channels/lastState/messages/request' }],
        reply: {
          messages: [{ $ref: '#/channels/lastState/messages/state' }],
          channel: { $ref: '#/channels/lastState' },
        },
      },
    },
    components: {
      messages: Object.fromEntries(types.map((type) => [type, messageOf(type)])),
      schemas: { cloudEvent },
    },
  }
}

function describeChannel({ address, about, data, stream }: Channel): Readonly<Record<string, unknown>> {
  return {
    address,
    description: about,
    parameters: parametersOf(address),
    messages: { [data]: { $ref: `#/components/messages/${data}` } },
    ...(stream && {
      'x-jetstream': {
        stream: stream.name,
        keptForSeconds: stream.maxAgeMs / 1_000,
        ...(stream === streams.rollouts && { consumers: ['reader'], filterSubject: subjectsOf.rollouts }),
      },
    }),
  }
}

function parametersOf(address: string): Readonly<Record<string, { readonly description: string }>> {
  const names = [...address.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '')
  return Object.fromEntries(names.map((name) => [name, { description: parameters[name] ?? '' }]))
}

function lastStateChannel(): Readonly<Record<string, unknown>> {
  const bucket = buckets.rollouts.name
  const address = `$JS.API.DIRECT.GET.KV_${bucket}.$KV.${bucket}.${deployment}`
  return {
    address,
    description:
      'Asks for the last state of one Deployment: an empty request, answered with the bare JSON; with the header ' +
      '`Status: 404` where nothing is known of it; with an empty payload and `KV-Operation` where it was forgotten.',
    parameters: parametersOf(address),
    messages: {
      request: { name: 'request', payload: { type: 'null' } },
      state: { $ref: '#/components/messages/state' },
    },
  }
}

const cloudEvent = {
  description: 'CloudEvents 1.0, structured mode of the NATS binding.',
  type: 'object',
  properties: {
    specversion: { const: '1.0' },
    id: {
      type: 'string',
      description: 'Also the header Nats-Msg-Id. The same message again has the same id.',
    },
    source: { type: 'string', description: '`/hermod/<service>/<cluster>`' },
    subject: { type: 'string', description: '`<namespace>/<name>`' },
    time: { type: 'string', format: 'date-time' },
    traceparent: { type: 'string', description: 'W3C trace context: one trace per rollout.' },
    datacontenttype: { const: 'application/json' },
  },
  required: ['specversion', 'id', 'source', 'type', 'subject', 'time', 'data'],
}

function messageOf(type: DataType): Readonly<Record<string, unknown>> {
  const { version } = publishedData[type]
  const data = { $ref: `./schemas/${type}.${version}.json` }
  if (type === 'state') return { name: type, contentType: 'application/json', payload: data }
  const properties = {
    type: { const: `hermod.${type}` },
    dataschema: { const: `urn:hermod:${type}:${version}` },
    data,
  }
  return {
    name: type,
    headers: {
      type: 'object',
      properties: { 'Nats-Msg-Id': { type: 'string' }, 'Content-Type': { type: 'string' } },
    },
    payload: { allOf: [{ $ref: '#/components/schemas/cloudEvent' }, { type: 'object', properties }] },
  }
}
