import { expect, test } from 'vitest';
import { review, run } from '../../cli/jurisdictions.ts';
import { jurisdictions } from '../../domain/jurisdictions/rules.ts';

test('what is due for review is printed with its source, and the exit code tells', () => {
  const lines: string[] = [];
  const tell = (line: string) => lines.push(line);
  expect(review(jurisdictions, '2026-11-27', tell)).toBe(0);
  expect(lines).toEqual([
    `0 of ${jurisdictions.rows.length} places are due for review by 2026-11-27 (version ${jurisdictions.version} of the rules).`,
  ]);
  lines.length = 0;
  expect(review(jurisdictions, '2028-01-01', tell)).toBe(1);
  expect(lines).toHaveLength(jurisdictions.rows.length + 1);
  expect(lines).toContainEqual(
    expect.stringMatching(
      /^IN {5}due 2027-05-26 {2}verified 2026-11-26, never read at its source {2}India: TCCCPR 2018$/,
    ),
  );
});

test.each([[[]], [['list']], [['review', 'soon']], [['review', '2027-01-01', 'x']]])(
  '%j is answered by the usage',
  async (args) => {
    expect(await run(args)).toBe(2);
  },
);
