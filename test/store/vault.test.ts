import { randomBytes } from 'node:crypto';
import { Binary } from 'mongodb';
import { expect, test } from 'vitest';
import { createVault } from '../../store/vault.ts';
import { bytesOf, ownStore } from './own-store.ts';
import { ours, sampleNumber, samplePort, sampleText, theirs } from './samples.ts';

const own = ownStore();
const vault = createVault('a secret of at least 32 characters');

test('what is sealed opens again, whatever it is, and never looks the same twice', () => {
  for (const plain of ['', 'a', ours, 'Grüße 👋 «ελληνικά»', 'x'.repeat(40_000)]) {
    const sealed = vault.seal(plain);
    expect(vault.open(sealed)).toBe(plain);
    expect(Buffer.from(vault.seal(plain).buffer).equals(Buffer.from(sealed.buffer))).toBe(false);
  }
});

test('under another secret nothing opens and no key is the same', () => {
  const other = createVault('another secret of at least 32 chars');
  expect(() => other.open(vault.seal('text'))).toThrow('PORTSMS_SECRET');
  expect(other.numberKey(ours)).not.toBe(vault.numberKey(ours));
  expect(other.fingerprint('parts', ours)).not.toBe(vault.fingerprint('parts', ours));
});

test('a sealed value that was changed anywhere does not open', () => {
  const sealed = vault.seal('Your code is 123456');
  for (let position = 0; position < sealed.position; position += 1) {
    const bytes = Buffer.from(sealed.buffer.subarray(0, sealed.position));
    bytes[position] = (bytes[position] ?? 0) ^ 1;
    expect(() => vault.open(new Binary(bytes)), `byte ${position}`).toThrow(/does not open|key version/);
  }
  expect(() => vault.open(new Binary(Buffer.from(sealed.buffer.subarray(0, sealed.position - 1))))).toThrow();
});

test('a number has one key, and keys tell nothing but same from different (invariant 9)', () => {
  expect(vault.numberKey(ours)).toBe(createVault('a secret of at least 32 characters').numberKey(ours));
  expect(vault.numberKey(ours)).toMatch(/^num_[0-9a-f]{32}$/);
  const keys = new Set(
    Array.from({ length: 2000 }, (_, i) => vault.numberKey(`+1202555${String(i).padStart(4, '0')}`)),
  );
  expect(keys.size).toBe(2000);
  expect(vault.deriveId('msg', ours)).not.toContain(ours.slice(1));
});

test('parts of a fingerprint cannot be shifted into each other', () => {
  expect(vault.fingerprint('arrival', 'ab', 'c')).not.toBe(vault.fingerprint('arrival', 'a', 'bc'));
  expect(vault.fingerprint('arrival', 'a', 'b')).not.toBe(vault.fingerprint('parts', 'a', 'b'));
});

test('what is sealed opens after a way through the database, and nothing of it stands there in plain (invariant 9)', async () => {
  const { store } = own;
  const text = `Your code is ${randomBytes(4).toString('hex')}`;
  const message = sampleText(store.vault, { text, metadata: store.vault.seal('{"customer":"Ada Byron"}') });
  const port = samplePort(store.vault, [ours]);
  await store.messages.insert([message]);
  await store.numbers.insert(sampleNumber(store.vault, ours));
  await store.ports.insert(port);

  const stored = await store.messages.find(message._id);
  if (!stored) throw new Error('not stored');
  expect([stored.from, stored.to, stored.text].map((sealed) => store.vault.open(sealed))).toEqual([ours, theirs, text]);
  const bytes = await bytesOf(own.raw);
  expect(bytes).toContain(message._id);
  for (const secret of [ours, ours.slice(1), theirs.slice(2), text, 'Ada', 'ACC4711', 'Main Street']) {
    expect(bytes).not.toContain(secret);
  }
});
