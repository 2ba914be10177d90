/** Runs `job` over all items, `atOnce` at a time. */
export async function inParallel<T>(
  items: Iterable<T>,
  atOnce: number,
  job: (item: T) => Promise<unknown>,
): Promise<void> {
  const queue = Iterator.from(items)
  const work = async (): Promise<void> => {
    for (const item of queue) await job(item)
  }
  await Promise.all(Array.from({ length: atOnce }, work))
}
