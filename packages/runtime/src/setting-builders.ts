import { parseDuration, writeDuration } from './duration.ts'
import { Secret } from './secret.ts'
import {
  type Builder,
  defineSetting,
  invalid,
  type Naming,
  type Optional,
  type Options,
  type OrDefault,
  type Parsed,
  type Setting,
  type Shape,
  valid,
} from './setting.ts'

export const string: Builder<string> = (options: Options<string>) =>
  defineSetting(options, { kind: 'text', parse: valid })

export const boolean: Builder<boolean> = (options: Options<boolean>) =>
  defineSetting(options, { kind: 'boolean', parse: parseBoolean })

function parseBoolean(text: string): Parsed<boolean> {
  if (/^(true|t|1|yes|on)$/i.test(text)) return valid(true)
  if (/^(false|f|0|no|off)$/i.test(text)) return valid(false)
  return invalid('is neither true nor false', 'use true or false')
}

interface Range {
  readonly min?: number
  readonly max?: number
}

export const integer: Builder<number, Range> = (options: Options<number> & Range) => {
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = options
  const parse = (text: string): Parsed<number> => {
    const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN
    if (value >= min && value <= max) return valid(value)
    return invalid('is not a whole number in range', `give one${rangeText(options.min, options.max)}`)
  }
  return defineSetting(options, { kind: 'number', parse })
}

interface DurationRange {
  readonly minMs?: number
  readonly maxMs?: number
}

/** Written `250ms`, `30s`, `5m`, `1h30m` or `7d`; the value is milliseconds. */
export const duration: Builder<number, DurationRange> = (options: Options<number> & DurationRange) => {
  const { minMs = 0, maxMs = Number.MAX_SAFE_INTEGER } = options
  const range = rangeText(
    options.minMs && writeDuration(options.minMs),
    options.maxMs && writeDuration(options.maxMs),
  )
  const parse = (text: string): Parsed<number> => {
    const value = parseDuration(text)
    if (value === undefined) return invalid('is not a duration', 'write it like 250ms, 30s, 5m, 1h30m or 7d')
    return value >= minMs && value <= maxMs ? valid(value) : invalid('is out of range', `give one${range}`)
  }
  return defineSetting(options, { kind: 'duration', parse, write: writeDuration })
}

function rangeText(min: number | string | undefined, max: number | string | undefined): string {
  if (min === undefined) return max === undefined ? '' : ` up to ${max}`
  return max === undefined ? ` from ${min}` : ` from ${min} to ${max}`
}

interface UrlRules {
  /** Without colon; http and https if absent. */
  readonly schemes?: readonly string[]
}

/** The text as given, once it is known to be a URL. */
export const url: Builder<string, UrlRules> = (options: Options<string> & UrlRules) =>
  defineSetting(options, { kind: 'URL', parse: (text) => parseUrl(text, options.schemes) })

/** One or more, separated by commas, white space or both. */
export const urls: Builder<readonly string[], UrlRules> = (
  options: Options<readonly string[]> & UrlRules,
) => {
  const parse = (text: string): Parsed<readonly string[]> => {
    const each = split(text, /[\s,]+/).map((one) => parseUrl(one, options.schemes))
    return each.find((one) => !one.ok) ?? valid(each.flatMap((one) => (one.ok ? [one.value] : [])))
  }
  return defineSetting(options, { kind: 'URLs', parse, write: (value) => value.join(',') })
}

function parseUrl(text: string, schemes: readonly string[] = ['http', 'https']): Parsed<string> {
  const scheme = URL.parse(text)?.protocol.slice(0, -1)
  if (scheme !== undefined && schemes.includes(scheme)) return valid(text)
  return invalid(
    'is not such a URL',
    `give one that begins with ${schemes.map((each) => `${each}://`).join(' or ')}`,
  )
}

/** Separated by white space alone, as deploy-notifier splits NAMESPACES. */
export const words: Builder<readonly string[]> = (options: Options<readonly string[]>) =>
  defineSetting(options, {
    kind: 'words',
    parse: (text) => valid(split(text, /\s+/)),
    write: (value) => value.join(' '),
  })

/** Separated by commas, white space or both. */
export const list: Builder<readonly string[]> = (options: Options<readonly string[]>) =>
  defineSetting(options, {
    kind: 'list',
    parse: (text) => valid(split(text, /[\s,]+/)),
    write: (value) => value.join(','),
  })

function split(text: string, separator: RegExp): string[] {
  return text.split(separator).filter((part) => part !== '')
}

export function oneOf<const V extends string>(
  values: readonly V[],
  options: Naming & Optional,
): Setting<V | undefined>
export function oneOf<const V extends string>(
  values: readonly V[],
  options: Naming & OrDefault<NoInfer<V>>,
): Setting<V>
export function oneOf<const V extends string>(values: readonly V[], options: Options<V>): Setting<V> {
  const parse = (text: string): Parsed<V> => {
    const value = values.find((each) => each === text)
    return value === undefined ? invalid('is unknown', `use one of ${values.join(', ')}`) : valid(value)
  }
  return defineSetting(options, { kind: values.join(' | '), parse })
}

/** For a form of its own: `shape.parse` answers `valid(value)` or `invalid(problem, remedy)`. */
export function parsed<T>(shape: Shape<T>, options: Naming & Optional): Setting<T | undefined>
export function parsed<T>(shape: Shape<T>, options: Naming & OrDefault<NoInfer<T>>): Setting<T>
export function parsed<T>(shape: Shape<T>, options: Options<T>): Setting<T> {
  return defineSetting(options, shape)
}

interface SecretRules {
  readonly variable: string
  readonly about: string
  /** Tells what a value of the wrong form should look like; must not quote it. */
  readonly check?: (value: string) => Parsed<unknown>
  readonly multiline?: true
}

/** Set by NAME or by NAME_FILE, a file that is read again when it is rotated; never by a flag. */
export function secret(options: SecretRules & { readonly optional: true }): Setting<Secret | undefined>
export function secret(options: SecretRules): Setting<Secret>
export function secret(options: SecretRules & { readonly optional?: true }): Setting<Secret> {
  const { check = valid, multiline = false } = options
  // Elsewhere these would end up in a header or a URL and change the request.
  const stray = multiline ? /[^\P{Cc}\r\n\t]/u : /\p{Cc}/u
  const parse = (text: string): Parsed<Secret> => {
    if (stray.test(text)) return invalid('holds a line break or control character', 'give the bare value')
    const checked: Parsed<unknown> = check(text)
    return checked.ok ? valid(Secret.of(text)) : checked
  }
  const plain = defineSetting<Secret>(options, { kind: 'secret', parse })
  return { ...plain, fileVariable: `${options.variable}_FILE` }
}
