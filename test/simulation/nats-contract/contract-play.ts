import type { JetStreamConnection } from '../../../packages/jetstream/src/index.ts'
import type { StreamPlan } from '../model-stream.ts'

export type Door = Pick<JetStreamConnection, 'nats' | 'jetstream' | 'manager' | 'newInbox' | 'whenConnected'>

/** A server with one stream, whose subjects begin with `prefix`, and a consumer `reader` of all of it. */
export interface NatsBed {
  readonly stream: string
  readonly prefix: string
  connect(): Promise<Door>
  /** kill -9, and a start on what is on the disk. */
  killed(): Promise<void>
  /** Killed, and started with an empty disk; the stream and its consumer are made anew. */
  erased(): Promise<void>
  /** Killed, and started with a disk as it was before `work`. */
  setBack(work: () => Promise<void>): Promise<void>
  /** Stopped (SIGSTOP) while `work` runs. */
  frozen(work: () => Promise<void>): Promise<void>
}

export interface ContractPlay {
  readonly stream?: Partial<Pick<StreamPlan, 'mostPerSubject' | 'mostMessages' | 'windowMs'>>
  readonly mostPending?: number
  /** Needs a server of its own. */
  readonly breaks?: true
  readonly play: (bed: NatsBed, tell: (what: string) => void) => Promise<void>
  readonly tells: readonly string[]
}

export const ackWaitMs = 2_500
