/**
 * What Hermod relies on in a nats-server, as plays that tell what they saw. Each is played on the real server and on
 * the model, and must tell the same on both.
 */
import { consumerPlays } from './consumer-plays.ts'
import type { ContractPlay } from './contract-play.ts'
import { outagePlays } from './outage-plays.ts'
import { streamPlays } from './stream-plays.ts'

export const natsContract: Readonly<Record<string, ContractPlay>> = {
  ...streamPlays,
  ...consumerPlays,
  ...outagePlays,
}
