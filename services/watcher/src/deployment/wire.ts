/**
 * A Kubernetes object as it stands in the API server's JSON: client-node's types with times as RFC 3339 text,
 * and nothing required, since a watch line is outside data.
 */
export type Wire<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? readonly Wire<Item>[]
    : T extends object
      ? { readonly [K in keyof T]?: Wire<T[K]> | null | undefined }
      : T

/** Takes outside data for a Kubernetes object: with every field optional, it may turn out to be an empty one. */
export function asWire<T>(object: unknown): Wire<T> {
  return object as Wire<T>
}
