/** Makes a wrong input out of a right one, by what follows from a seed alone. */
import type { Random } from '../simulation/random.ts'

const hostile: readonly [unknown, ...unknown[]] = [
  null,
  true,
  -1,
  1e308,
  0.1,
  2 ** 53,
  '',
  [],
  {},
  [[[[[[]]]]]],
  '__proto__',
  'constructor',
  '<!channel>',
  '\u202eabc',
  '\ud800',
  '\u0000',
  'x'.repeat(20_000),
  '2026-99-99T99:99:99Z',
  'a'.repeat(3_000) + '!',
  '`'.repeat(500),
  { toString: 1, valueOf: null, length: -1 },
  Array.from({ length: 2_000 }, (_, index) => index),
]

/** A text near `text`: its JSON bent where it is JSON, else its characters. */
export function mutate(text: string, random: Random): string {
  const bent = random.chance(0.7) ? bendJson(text, random) : text
  let result = bent
  for (let times = random.below(3); times > 0; times--) result = bendText(result, random)
  return result
}

function bendJson(text: string, random: Random): string {
  const read = readSample(text)
  if (read === undefined) return bendText(text, random)
  const { paths } = read
  let { data } = read
  for (let times = 1 + random.below(4); times > 0 && paths.length > 0; times--) {
    const path = paths[random.below(paths.length)] ?? []
    data = changeAt(data, path, (value) => bendValue(value, random))
  }
  return JSON.stringify(data) ?? ''
}

function bendValue(value: unknown, random: Random): unknown {
  switch (random.below(5)) {
    case 0:
      return undefined
    case 1:
      return Array.isArray(value) ? [...(value as unknown[]), ...(value as unknown[])] : [value]
    case 2:
      return typeof value === 'string' ? bendText(value, random) : { inner: value }
    default:
      return random.pick(hostile)
  }
}

function bendText(text: string, random: Random): string {
  const at = random.below(text.length + 1)
  const length = random.below(20)
  switch (random.below(7)) {
    case 0:
      return text.slice(0, at)
    case 1:
      return text.slice(0, at) + text.slice(at + length)
    case 2:
      return text.slice(0, at) + text.slice(at, at + length).repeat(50) + text.slice(at)
    case 3:
      return text.slice(0, at) + String.fromCharCode(random.below(0x1_0000)) + text.slice(at + 1)
    case 4:
      return `${text.slice(0, at)}${JSON.stringify(random.pick(hostile))}${text.slice(at)}`
    case 5:
      return text + text
    default:
      return '[{"a":'.repeat(random.below(5_000)) + text
  }
}

type Path = readonly (string | number)[]

interface Sample {
  readonly data: unknown
  readonly paths: readonly Path[]
}

// The same few right inputs are bent again and again.
const samples = new Map<string, Sample | undefined>()

/** Undefined when it is no JSON. */
function readSample(text: string): Sample | undefined {
  if (!samples.has(text)) samples.set(text, parseSample(text))
  return samples.get(text)
}

function parseSample(text: string): Sample | undefined {
  try {
    const data: unknown = JSON.parse(text)
    return { data, paths: pathsOf(data, 400) }
  } catch {
    return undefined
  }
}

function pathsOf(data: unknown, most: number): readonly Path[] {
  const paths: Path[] = []
  const visit = (value: unknown, path: Path): void => {
    if (paths.length >= most) return
    paths.push(path)
    if (typeof value !== 'object' || value === null) return
    for (const [key, inner] of Object.entries(value))
      visit(inner, [...path, Array.isArray(value) ? Number(key) : key])
  }
  visit(data, [])
  return paths
}

function changeAt(data: unknown, [key, ...rest]: Path, change: (value: unknown) => unknown): unknown {
  if (key === undefined) return change(data)
  if (Array.isArray(data))
    return data.map((item: unknown, index) => (index === key ? changeAt(item, rest, change) : item))
  if (typeof data !== 'object' || data === null) return data
  const entries = Object.entries(data).map(([name, value]) => [
    name,
    name === key ? changeAt(value, rest, change) : value,
  ])
  return Object.fromEntries(entries)
}
