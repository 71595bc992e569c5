import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { bytesIn, seal, unseal } from '../../store/sealing.ts';

const header = Buffer.from([1]);
const key = randomBytes(32);

test('no two values have the same nonce, however many are sealed', () => {
  const many = Array.from({ length: 5000 }, (_, index) => seal(key, header, Buffer.from(`Text ${index}`)));
  const nonces = new Set(many.map((each) => bytesIn(each).toString('hex', 1, 13)));
  expect(nonces.size).toBe(5000);
  // Nonces are drawn in advance: one that was given is not changed by the next draw.
  expect(many.map((each) => unseal(key, bytesIn(each), 1).toString())).toEqual(many.map((_, index) => `Text ${index}`));
});
