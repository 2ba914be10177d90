import { partitionsMetadataKey } from '@hermod/contracts'
import type { JetStreamConnection } from './connect.ts'
import { keepTrying, type Trying } from './keep-trying.ts'

/**
 * The number of partitions this installation was made with, from the stream's metadata. A stream that does
 * not exist yet is waited for.
 */
export async function readPartitions(
  connection: JetStreamConnection,
  stream: string,
  trying: Trying = {},
): Promise<number> {
  const info = await keepTrying(connection, () => connection.manager.streams.info(stream), trying)
  const partitions = Number(info.config.metadata?.[partitionsMetadataKey])
  if (Number.isSafeInteger(partitions) && partitions > 0) return partitions
  throw new NoPartitions(stream)
}

class NoPartitions extends Error {
  override name = 'NoPartitions'
  readonly remedy = 'delete the stream if it can be spared and let hermod-provision make it'

  constructor(stream: string) {
    super(`stream ${stream} was not made by hermod-provision: its metadata lack ${partitionsMetadataKey}`)
  }
}
