/**
 * Makes one call out of many: while `work` is under way, what arrives gathers and goes in the next call; what arrives alone goes
 * at once. So nobody waits for others that may never come, and under load the cost of a call is shared.
 * @param work given at most `most` items; answers one result per item, in their order. When it throws, all of its items fail.
 */
export function gather<Item, Result>(
  work: (items: readonly Item[]) => Promise<readonly Result[]>,
  most: number,
): (item: Item) => Promise<Result> {
  interface Waiting {
    readonly item: Item;
    readonly resolve: (result: Result) => void;
    readonly reject: (error: unknown) => void;
  }
  let waiting: Waiting[] = [];
  let underWay = false;

  async function run(): Promise<void> {
    underWay = true;
    while (waiting.length > 0) {
      const now = waiting.slice(0, most);
      waiting = waiting.slice(most);
      try {
        const results = await work(now.map(({ item }) => item));
        for (const [index, { resolve }] of now.entries()) resolve(results[index] as Result);
      } catch (error) {
        for (const { reject } of now) reject(error);
      }
    }
    underWay = false;
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (!underWay) void run();
    });
}
