/** Does something for each of many, a few at a time. @returns what each gave, in their order; fails with the first that fails. */
export async function inParallel<T, R>(
  many: readonly T[],
  atATime: number,
  act: (each: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const lane = async () => {
    while (next < many.length) {
      const index = next++;
      results[index] = await act(many[index] as T, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atATime, many.length) }, lane));
  return results;
}
