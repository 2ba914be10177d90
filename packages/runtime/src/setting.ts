/** One thing that people may configure: its names, and how its text becomes a value. */
export interface Setting<out T> {
  readonly kind: string
  readonly about: string
  /** The first that is set counts. */
  readonly variables: readonly string[]
  /** Names a file that holds the value; secrets alone have one. */
  readonly fileVariable: string | undefined
  /** Without dashes; beats the variables. */
  readonly flag: string | undefined
  /** As one would write it. */
  readonly default: string | undefined
  /** What it is when nothing is set; undefined = it must be set. */
  readonly absent: { readonly value: T } | undefined
  readonly parse: (text: string) => Parsed<T>
}

/** A service states its configuration as an interface `C`, and how it is filled as `SettingsOf<C>`. */
export type SettingsOf<C> = { readonly [K in keyof C]-?: Setting<C[K]> }

export type AnySettings = Readonly<Record<string, Setting<unknown>>>

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: string; readonly remedy: string }

export function valid<T>(value: T): Parsed<T> {
  return { ok: true, value }
}

/** `problem` goes on after the value ("is not a port"), `remedy` is an order ("give one from 1 to 65535"). */
export function invalid(problem: string, remedy: string): Parsed<never> {
  return { ok: false, problem, remedy }
}

export interface Naming {
  readonly variable?: string | readonly string[]
  readonly flag?: string
  readonly about: string
}

export type Options<T> = Naming & { readonly optional?: true; readonly default?: T }

export type Optional = { readonly optional: true; readonly default?: never }

export type OrDefault<T> = { readonly optional?: never; readonly default?: T }

/** Without `default` and `optional` a setting must be set. */
export interface Builder<T, Rules = unknown> {
  (options: Naming & Rules & Optional): Setting<T | undefined>
  (options: Naming & Rules & OrDefault<T>): Setting<T>
}

export interface Shape<T> {
  /** What the value is, in a word or two. */
  readonly kind: string
  readonly parse: (text: string) => Parsed<T>
  /** The default as one would write it. */
  readonly write?: (value: T) => string
}

export function defineSetting<T>(options: Options<T>, { kind, parse, write = String }: Shape<T>): Setting<T> {
  const { variable = [], flag, about } = options
  return {
    kind,
    about,
    variables: typeof variable === 'string' ? [variable] : variable,
    fileVariable: undefined,
    flag,
    default: options.default === undefined ? undefined : write(options.default),
    absent: absentValue(options),
    parse,
  }
}

// Only signatures whose T includes undefined offer `optional`.
function absentValue<T>(options: Options<T>): { value: T } | undefined {
  if (options.default !== undefined) return { value: options.default }
  return options.optional ? { value: undefined as T } : undefined
}
