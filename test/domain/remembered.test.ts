import { expect, it } from 'vitest';
import { remembered } from '../../domain/remembered.ts';

it('works out once what is worth keeping, until it has too many and forgets all', () => {
  const asked: string[] = [];
  const size = remembered(
    2,
    (input) => {
      asked.push(input);
      return input.length;
    },
    (length) => length > 1,
  );
  expect(['aa', 'aa', 'b', 'b', 'ccc', 'aa'].map(size)).toEqual([2, 2, 1, 1, 3, 2]);
  expect(asked).toEqual(['aa', 'b', 'b', 'ccc']);
  size('dddd');
  size('aa');
  expect(asked).toEqual(['aa', 'b', 'b', 'ccc', 'dddd', 'aa']);
});
