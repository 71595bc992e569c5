import { expect, test } from 'vitest';
import { KeyRing, keyLifeMs, SubjectErased, SubjectNotLoaded } from '../../store/key-ring.ts';

const ada = `num_${'a'.repeat(32)}`;
const bob = `num_${'b'.repeat(32)}`;
const key = Buffer.alloc(32, 7);

function ringAt(most?: number) {
  const clock = { now: 0 };
  return { clock, ring: new KeyRing({ now: () => clock.now, ...(most !== undefined && { most }) }) };
}

test('a key that was not loaded is a mistake of the program, one that was destroyed is a fact about the data', () => {
  const { ring } = ringAt();
  expect(() => ring.of(ada, 1)).toThrow(SubjectNotLoaded);
  ring.hold(ada, { generation: 1, key });
  expect(ring.of(ada, 1)).toBe(key);
  ring.hold(ada, { generation: 1 });
  expect(() => ring.of(ada, 1)).toThrow(SubjectErased);
  expect(() => ring.current(ada)).toThrow(SubjectNotLoaded);
});

test('a person who was erased and written to again has another key: the former texts stay erased', () => {
  const { ring } = ringAt();
  ring.hold(ada, { generation: 2, key });
  expect(() => ring.of(ada, 1)).toThrow(SubjectErased);
  expect(ring.of(ada, 2)).toBe(key);
  // Sealed by a process that knows a newer key: it has to be read, nothing is said about it yet.
  expect(() => ring.of(ada, 3)).toThrow(SubjectNotLoaded);
  expect(ring.wants(ada, 3)).toBe(true);
});

test('a key is read anew after half of its life, and is not used after its end, so that an erasure is known everywhere by then', () => {
  const { ring, clock } = ringAt();
  ring.hold(ada, { generation: 1, key });
  expect(ring.wants(ada)).toBe(false);
  clock.now = keyLifeMs / 2;
  expect(ring.wants(ada)).toBe(true);
  expect(ring.of(ada, 1)).toBe(key);
  clock.now = keyLifeMs;
  expect(() => ring.of(ada, 1)).toThrow(SubjectNotLoaded);
});

test('what is held is bounded, and the oldest goes first; what is known to be destroyed is asked about again', () => {
  const { ring, clock } = ringAt(2);
  for (const each of [ada, bob, `num_${'c'.repeat(32)}`]) ring.hold(each, { generation: 1, key });
  expect(ring.wants(ada)).toBe(true);
  expect(ring.wants(bob)).toBe(false);
  ring.hold(bob, { generation: 1 });
  expect(ring.wants(bob)).toBe(true);
  clock.now = keyLifeMs;
  ring.hold(ada, { generation: 1, key });
  expect(() => ring.of(bob, 1)).toThrow(SubjectNotLoaded);
});
