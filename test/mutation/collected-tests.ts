/** Stands in for node:test under mutation: keeps the tests of a file, so that they run again and again in one process. */
export interface CollectedTest {
  readonly name: string
  readonly run: () => unknown
}

const groups: string[] = []
let collected: CollectedTest[] = []

/** Of everything imported since it was asked last. */
export function takeCollected(): readonly CollectedTest[] {
  const taken = collected
  collected = []
  return taken
}

export function describe(name: string, define: () => void): void {
  groups.push(name)
  define()
  groups.pop()
}

export function test(name: string, run: () => unknown): void {
  if (run.length > 0) throw new Error(`${name}: a test that needs its context cannot run under mutation`)
  collected.push({ name: [...groups, name].join(' > '), run })
}

export { test as it }
