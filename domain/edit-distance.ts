/**
 * Whether one word is another with at most so many slips: a letter left out, too many, another one, or two swapped (optimal string
 * alignment).
 */
export function isWithinEdits(word: string, meant: string, edits: number): boolean {
  if (Math.abs(word.length - meant.length) > edits) return false;
  let older: number[] = [];
  let before = Array.from({ length: meant.length + 1 }, (_, column) => column);
  for (let row = 1; row <= word.length; row++) {
    const now = [row];
    for (let column = 1; column <= meant.length; column++) {
      const same = word[row - 1] === meant[column - 1];
      const swapped = word[row - 1] === meant[column - 2] && word[row - 2] === meant[column - 1];
      now.push(
        Math.min(
          at(before, column) + 1,
          at(now, column - 1) + 1,
          at(before, column - 1) + (same ? 0 : 1),
          row > 1 && column > 1 && swapped ? at(older, column - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    older = before;
    before = now;
  }
  return at(before, meant.length) <= edits;
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
