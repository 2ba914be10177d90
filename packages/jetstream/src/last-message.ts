import type { JetStreamConnection } from './connect.ts'
import { keepTrying, type Trying } from './keep-trying.ts'

/** The body of the newest message of this subject that the stream holds; asked for until NATS answers. */
export async function lastMessage(
  connection: JetStreamConnection,
  { stream, subject }: { readonly stream: string; readonly subject: string },
  trying: Trying,
): Promise<Uint8Array | undefined> {
  const ask = async () => await connection.manager.streams.getMessage(stream, { last_by_subj: subject })
  return (await keepTrying(connection, ask, trying))?.data
}
