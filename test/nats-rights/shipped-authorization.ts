import { readNatsFile } from '../manifests/shipped-manifests.ts'

export const natsUsers = ['provision', 'watcher', 'dedupe', 'notifier', 'reader', 'operator'] as const

export type NatsUser = (typeof natsUsers)[number]

/** What a process is told to be this user of `shippedAuthorization`. */
export function asUser(user: NatsUser): { readonly NATS_USER: string; readonly NATS_PASSWORD: string } {
  return { NATS_USER: user, NATS_PASSWORD: `${user}-password` }
}

/** The authorization of the nats.conf in k8s/, with the values that the manifest gives by environment written in. */
export function shippedAuthorization(cluster: string): string {
  const text = readNatsFile('nats.conf')
  const values: Record<string, string> = {
    NATS_WATCHER_OBSERVATIONS: `"hermod.observation.*.${cluster}.>"`,
    NATS_WATCHER_IDENTITY: `"$KV.clusters.${cluster}"`,
    ...Object.fromEntries(
      natsUsers.map((user) => [`NATS_${user.toUpperCase()}_PASSWORD`, asUser(user).NATS_PASSWORD]),
    ),
  }
  return text.slice(text.indexOf('authorization {')).replaceAll(/\$(NATS_[A-Z_]+)/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`nats.conf wants ${name}, which nobody gives here`)
    return value
  })
}
