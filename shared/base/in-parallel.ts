/** The same work for many, some at once: where one of them fails nothing new begins, and no work outlives the answer. */
import pLimit from 'p-limit';

/** @returns in the order of the items. @throws what failed first, once all that had begun is over. */
export async function inParallel<T, R>(items: readonly T[], atOnce: number, work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const inLine = pLimit(atOnce);
  let failure: { readonly error: unknown } | undefined;
  const results: R[] = [];
  await Promise.all(items.map((item, at) => inLine(async () => {
    if (failure) return;
    try {
      results[at] = await work(item);
    } catch (error) {
      failure ??= { error };
    }
  })));
  if (failure) throw failure.error;
  return results;
}
