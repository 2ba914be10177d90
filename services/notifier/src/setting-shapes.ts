import { isMention } from '@hermod/contracts'
import { invalid, type Parsed, valid } from '@hermod/runtime'
import { readChannel } from './notification/channel-name.ts'

interface ListShape<T> {
  readonly kind: string
  readonly parse: (text: string) => Parsed<T>
  readonly write?: (value: T) => string
}

export const channelList: ListShape<readonly string[]> = {
  kind: 'channels',
  parse(text) {
    const reads = items(text).map(readChannel)
    const refused = reads.find((read) => read.kind === 'refused')
    return refused
      ? invalid(refused.problem, 'give names or ids of channels')
      : valid(reads.map(({ channel }) => channel))
  },
}

export const linkList: ListShape<readonly (readonly [name: string, url: string])[]> = {
  kind: 'name=URL list',
  parse(text) {
    const pairs = items(text).map(splitPair)
    const isGood = (url: string): boolean => URL.parse(url.replace(/[{}]/g, ''))?.protocol === 'https:'
    return pairs.every((pair) => pair !== undefined && isGood(pair[1]))
      ? valid(pairs.filter((pair) => pair !== undefined))
      : invalid('is not a list of name=https://…', 'write it like logs=https://logs.example/?q={deployment}')
  },
}

export const mentionList: ListShape<ReadonlyMap<string, string>> = {
  kind: 'team=id list',
  parse(text) {
    const pairs = items(text).map(splitPair)
    return pairs.every((pair) => pair !== undefined && isMention(pair[1]))
      ? valid(new Map(pairs.filter((pair) => pair !== undefined)))
      : invalid('is not a list of team=id', 'write it like payments=S0123ABCD,search=U0456EFGH')
  },
  write: (mentions) => Array.from(mentions, (pair) => pair.join('=')).join(','),
}

function items(text: string): string[] {
  return text.split(/[\s,]+/).filter((part) => part !== '')
}

function splitPair(text: string): readonly [string, string] | undefined {
  const at = text.indexOf('=')
  return at > 0 ? [text.slice(0, at), text.slice(at + 1)] : undefined
}
