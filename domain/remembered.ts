/**
 * A function that works its result out once and then remembers it, for texts that come again and again. When it remembers as many as it may,
 * it forgets all of them.
 * @param most how many results are kept
 * @param worthKeeping whether a result is; all, if not given
 */
export function remembered<Result>(
  most: number,
  work: (input: string) => Result,
  worthKeeping: (result: Result) => boolean = () => true,
): (input: string) => Result {
  const known = new Map<string, Result>();
  return (input) => {
    const before = known.get(input);
    if (before !== undefined) return before;
    const result = work(input);
    if (!worthKeeping(result)) return result;
    if (known.size >= most) known.clear();
    known.set(input, result);
    return result;
  };
}
