/** Leaves out the counts that are 0, as the API server does. */
export function counted<K extends string>(
  counts: Readonly<Record<K, number>>,
): { readonly [key in K]?: number } {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0)) as {
    [key in K]?: number
  }
}
