/** PURE: cuts what goes over a connection to NATS into whole operations, in either direction. */

export interface NatsFrame {
  /** `PUB`, `HPUB`, `MSG`, `HMSG`, `PING`, … */
  readonly verb: string
  /** Of the four that carry a message; empty else. */
  readonly subject: string
  /** Where an answer goes; empty without one. */
  readonly reply: string
  readonly bytes: Buffer
}

const carriers = ['PUB', 'HPUB', 'MSG', 'HMSG']

export class NatsFrames {
  #rest: Buffer = Buffer.alloc(0)

  /** The operations that are whole by now. */
  push(chunk: Buffer): readonly NatsFrame[] {
    this.#rest = Buffer.concat([this.#rest, chunk])
    const frames: NatsFrame[] = []
    for (;;) {
      const frame = this.#take()
      if (frame === undefined) return frames
      frames.push(frame)
    }
  }

  #take(): NatsFrame | undefined {
    const end = this.#rest.indexOf('\r\n')
    if (end < 0) return undefined
    const [verb = '', ...words] = this.#rest.toString('latin1', 0, end).split(/\s+/)
    const name = verb.toUpperCase()
    const carries = carriers.includes(name)
    const length = end + 2 + (carries ? Number(words.at(-1)) + 2 : 0)
    if (this.#rest.length < length) return undefined
    const bytes = this.#rest.subarray(0, length)
    this.#rest = this.#rest.subarray(length)
    if (!carries) return { verb: name, subject: '', reply: '', bytes }
    // Behind the subject: MSG has a subscription, HPUB and HMSG a second length, and each may have a reply.
    const fixed = 2 + (name.startsWith('H') ? 1 : 0) + (name.endsWith('MSG') ? 1 : 0)
    const reply = words.length > fixed ? (words[name.endsWith('MSG') ? 2 : 1] ?? '') : ''
    return { verb: name, subject: words[0] ?? '', reply, bytes }
  }
}
