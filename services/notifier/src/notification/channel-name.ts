import { type ChannelRead, readChannels as readAllWhole, readChannel as readWhole } from '@hermod/contracts'
import { fit } from './fit.ts'

export function readChannel(text: string): ChannelRead {
  return tellable(readWhole(text))
}

/** What the annotation `slack` names. */
export function readChannels(text: string): ChannelRead[] {
  return readAllWhole(text).map(tellable)
}

// What is no channel may be anything of any length.
function tellable(read: ChannelRead): ChannelRead {
  return read.kind === 'refused' ? { ...read, channel: fit(read.channel, 60) } : read
}
