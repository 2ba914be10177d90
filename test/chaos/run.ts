// Owns what all runs by hand have in common: their numbers, what they print, and how they end.
import { randomInt } from 'node:crypto'

export interface Run {
  readonly seed: number
  /** Told what happens, line by line. */
  readonly tell: (line: string) => void
}

export interface RunResult {
  /** What was lost, doubled, wrong, or not as asked. */
  readonly problems: readonly string[]
  readonly figures: string
}

/**
 * Plays a run with the numbers of the command line; a seed may follow them. The last line says what was found, the exit
 * code whether it is good. A number is whole and not negative.
 */
export async function runByHand(
  usage: string,
  defaults: readonly number[],
  play: (numbers: readonly number[], run: Run) => Promise<RunResult>,
): Promise<void> {
  const given = process.argv.slice(2).map(Number)
  if (
    given.length > defaults.length + 1 ||
    !given.every((number) => Number.isInteger(number) && number >= 0)
  ) {
    process.stderr.write(`usage: ${usage} [SEED], whole numbers\n`)
    process.exit(2)
  }
  const seed = given[defaults.length] ?? randomInt(2 ** 31)
  const tell = (line: string): void =>
    void process.stdout.write(`${(performance.now() / 1_000).toFixed(1).padStart(7)} s  ${line}\n`)
  tell(`seed ${seed}`)
  const numbers = defaults.map((usual, index) => given[index] ?? usual)
  const { problems, figures } = await play(numbers, { seed, tell })
  for (const problem of problems) tell(`✖ ${problem}`)
  const verdict = problems.length === 0 ? 'nothing lost, doubled or wrong' : `${problems.length} problems`
  process.stdout.write(`${figures}: ${verdict}\n`)
  process.exitCode = problems.length === 0 ? 0 : 1
}
