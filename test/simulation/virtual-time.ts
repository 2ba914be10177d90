// Owns time, chance and the ends of processes in a simulation: everything that makes two runs of one seed differ.
// V1. Nothing happens by itself: each event is taken from one queue, ordered by time and then by who asked first.
// V2. Between two events everything that follows from the first without waiting is over.
// V3. What a process asked for dies with it: its timers never ring, and no answer ever reaches it.
import { AsyncLocalStorage } from 'node:async_hooks'
import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import promises from 'node:timers/promises'
import { Random } from './random.ts'

/** One life of one service, from its start to its end. */
export interface SimulatedProcess {
  readonly name: string
  alive: boolean
}

interface Event {
  readonly at: number
  readonly order: number
  readonly owner: SimulatedProcess | undefined
  run: (() => void) | undefined
}

const processes = new AsyncLocalStorage<SimulatedProcess | undefined>()
const nextTurn = globalThis.setImmediate
const RealDate = globalThis.Date
const beginning = RealDate.UTC(2026, 0, 1)

let queue: Event[] = []
let order = 0
let nowMs = 0
let random = new Random(0)

/** Milliseconds since the simulation began. */
export function now(): number {
  return nowMs
}

export function chance(): Random {
  return random
}

export function currentProcess(): SimulatedProcess {
  const process = processes.getStore()
  if (process === undefined) throw new Error('this is called by no simulated process')
  return process
}

/** Runs `work` as that process; what it starts belongs to it. */
export function asProcess<T>(process: SimulatedProcess | undefined, work: () => T): T {
  return (process === undefined ? asNobody : runnerOf(process))(work)
}

type Runner = <T>(work: () => T) => T

const asNobody = processes.run(undefined, () => AsyncLocalStorage.snapshot()) as Runner
// `run` would make the same context anew each time.
const runners = new WeakMap<SimulatedProcess, Runner>()

function runnerOf(process: SimulatedProcess): Runner {
  const known = runners.get(process)
  if (known) return known
  const made = processes.run(process, () => AsyncLocalStorage.snapshot()) as Runner
  runners.set(process, made)
  return made
}

/** Something that happens in the world, whatever becomes of the processes. */
export function after(delayMs: number, run: () => void): void {
  schedule(delayMs, run, undefined)
}

/** So many turns are asked for at once: Node ends all that follows from one before the next, but looks for I/O only after all. */
const turnsAtOnce = 32

/** Takes the next events, one after another, until `untilMs`. */
export async function passTime(untilMs: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let isOver = false
  const turn = (): void => {
    if (isOver) return
    try {
      isOver = !happenNext(untilMs)
      if (isOver) resolve()
    } catch (error) {
      isOver = true
      reject(error)
    }
  }
  const turns = (): void => {
    if (isOver) return
    for (let asked = 1; asked < turnsAtOnce; asked++) nextTurn(turn)
    nextTurn(turns)
    turn()
  }
  nextTurn(turns)
  await promise
  nowMs = Math.max(nowMs, untilMs)
}

/** Whether there was an event before `untilMs`. */
function happenNext(untilMs: number): boolean {
  for (let event = takeBefore(untilMs); event; event = takeBefore(untilMs)) {
    const { run, owner } = event
    event.run = undefined
    if (run === undefined || owner?.alive === false) continue
    nowMs = Math.max(nowMs, event.at)
    asProcess(owner, run)
    return true
  }
  return false
}

/** Begins at 0 with nothing due. */
export function resetTime(seed: number): void {
  queue = []
  order = 0
  nowMs = 0
  random = new Random(seed)
}

function schedule(delayMs: number, run: () => void, owner: SimulatedProcess | undefined): Event {
  // As Node has it: less than a millisecond is one, and so is nonsense.
  const delay = delayMs >= 1 ? Math.min(delayMs, 2 ** 31 - 1) : 1
  const event: Event = { at: nowMs + delay, order: order++, owner, run }
  let at = queue.length
  queue.push(event)
  while (at > 0) {
    const parent = (at - 1) >> 1
    const above = queue[parent]
    if (above === undefined || isBefore(above, event)) break
    queue[at] = above
    at = parent
  }
  queue[at] = event
  return event
}

function takeBefore(untilMs: number): Event | undefined {
  const [first] = queue
  if (first === undefined || first.at > untilMs) return undefined
  const last = queue.pop()
  if (last === undefined || last === first) return first
  let at = 0
  for (;;) {
    const [left, right] = [queue[2 * at + 1], queue[2 * at + 2]]
    if (left === undefined) break
    const isRight = right !== undefined && isBefore(right, left)
    const child = isRight ? right : left
    if (isBefore(last, child)) break
    queue[at] = child
    at = 2 * at + (isRight ? 2 : 1)
  }
  queue[at] = last
  return first
}

function isBefore(one: Event, other: Event): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order)
}

class VirtualDate extends RealDate {
  constructor(...given: readonly [] | readonly [value: number | string | Date]) {
    if (given.length === 0) super(beginning + nowMs)
    else super(given[0])
  }

  static override now(): number {
    return Math.floor(beginning + nowMs)
  }
}

class VirtualTimer {
  #event: Event | undefined
  readonly #again: (() => Event) | undefined

  constructor(delayMs: number, run: () => void, repeat: boolean) {
    const ring = (): void => {
      if (repeat) this.#event = schedule(delayMs, ring, processes.getStore())
      run()
    }
    this.#again = () => schedule(delayMs, ring, processes.getStore())
    this.#event = this.#again()
  }

  cancel(): void {
    if (this.#event) this.#event.run = undefined
    this.#event = undefined
  }

  refresh(): this {
    this.cancel()
    this.#event = this.#again?.()
    return this
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }

  hasRef(): boolean {
    return true
  }

  close(): void {
    this.cancel()
  }

  [Symbol.dispose](): void {
    this.cancel()
  }
}

type Callback = (...values: unknown[]) => void

function startTimer(
  repeat: boolean,
): (run: Callback, delayMs?: number, ...values: unknown[]) => VirtualTimer {
  return (run, delayMs = 1, ...values) => new VirtualTimer(delayMs, () => run(...values), repeat)
}

function cancelTimer(timer: unknown): void {
  if (timer instanceof VirtualTimer) timer.cancel()
}

async function wait<T>(
  delayMs?: number,
  value?: T,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<T | undefined> {
  const aborted = (): Error =>
    Object.assign(new Error('aborted', { cause: signal?.reason }), { name: 'AbortError', code: 'ABORT_ERR' })
  if (signal?.aborted) throw aborted()
  const { promise, resolve, reject } = Promise.withResolvers<T | undefined>()
  const timer = new VirtualTimer(delayMs ?? 1, () => resolve(value), false)
  const stop = (): void => {
    timer.cancel()
    reject(aborted())
  }
  signal?.addEventListener('abort', stop, { once: true })
  try {
    return await promise
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}

// `setImmediate` ends within the moment: everything else that is due at it goes first all the same.
function immediate(run: Callback, ...values: unknown[]): VirtualTimer {
  return new VirtualTimer(1, () => run(...values), false)
}

// One for all: nobody reads where it was made, and that costs most of it.
const timedOut = new DOMException('The operation was aborted due to timeout', 'TimeoutError')

function timeoutSignal(delayMs: number): AbortSignal {
  const controller = new AbortController()
  void new VirtualTimer(delayMs, () => controller.abort(timedOut), false)
  return controller.signal
}

/** From here on this process lives on virtual time, for good. Its own event loop still turns. */
export function takeOverTime(): void {
  Object.assign(globalThis, {
    Date: VirtualDate,
    setTimeout: startTimer(false),
    clearTimeout: cancelTimer,
    setInterval: startTimer(true),
    clearInterval: cancelTimer,
    setImmediate: immediate,
    clearImmediate: cancelTimer,
  })
  performance.now = () => nowMs
  AbortSignal.timeout = timeoutSignal
  Math.random = () => random.next()
  Object.assign(promises, {
    setTimeout: wait,
    setImmediate: async (value?: unknown) => await wait(1, value),
  })
  Object.assign(crypto, { randomUUID: () => random.uuid() })
  syncBuiltinESMExports()
}
