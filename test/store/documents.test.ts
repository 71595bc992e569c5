import { expect, test } from 'vitest';
import type { DocumentMetadata } from '../../store/documents.ts';
import { bytesOf, ownStore } from './own-store.ts';

const own = ownStore();

const document = (rest: Partial<DocumentMetadata> = {}): DocumentMetadata => ({
  _id: 'doc_1',
  portId: 'port_1',
  kind: 'invoice',
  contentType: 'application/pdf',
  bytes: 4,
  sha256: 'hash',
  storedAt: new Date('2026-11-26T10:00:00Z'),
  deleteAt: new Date(Date.now() + 3600_000),
  state: 'stored',
  stateSince: new Date('2026-11-26T10:00:00Z'),
  ...rest,
});
const seal = (text: string) => own.store.vault.sealBytes(Buffer.from(text));
const handed = { state: 'handed-over', carrier: 'telnyx', carrierDocumentId: 'd-1' } as const;

test('a document is stored once, sealed, and as large as carriers take', async () => {
  const content = Buffer.alloc(3 * 1024 * 1024, 'Ada Example ');
  expect(await own.store.documents.insert(document(), own.store.vault.sealBytes(content))).toBe(true);
  expect(await own.store.documents.insert(document({ kind: 'csr' }), seal('other'))).toBe(false);
  const sealed = await own.store.documents.content('doc_1');
  expect(sealed && own.store.vault.openBytes(sealed).equals(content)).toBe(true);
  expect(await bytesOf(own.raw)).not.toContain('Ada Example');
});

test('they are listed by port, oldest first, without their contents', async () => {
  await own.store.documents.insert(document({ _id: 'doc_2', storedAt: new Date('2026-11-26T09:00:00Z') }), seal('b'));
  await own.store.documents.insert(document({ _id: 'doc_3', portId: 'port_2' }), seal('c'));
  const listed = await own.store.documents.ofPort('port_1');
  expect(listed.map(({ _id }) => _id)).toEqual(['doc_2', 'doc_1']);
  expect(listed.some((each) => 'content' in each)).toBe(false);
  expect(await own.store.documents.find('doc_3')).not.toHaveProperty('content');
});

test('it moves on from the state that it is in, once', async () => {
  const { documents } = own.store;
  const reviewAt = new Date(Date.now() - 1000);
  expect(await documents.move('doc_1', 'stored', { ...handed, reviewAt })).toBe(true);
  expect(await documents.move('doc_1', 'stored', { ...handed, reviewAt })).toBe(false);
  expect((await documents.toReview('telnyx', new Date(), 5)).map(({ _id }) => _id)).toEqual(['doc_1']);
  await documents.reviewAgain('doc_1', new Date(Date.now() + 60_000));
  expect(await documents.toReview('telnyx', new Date(), 5)).toEqual([]);
  await documents.reviewAgain('doc_1', undefined);
  expect((await documents.find('doc_1'))?.reviewAt).toBeUndefined();
  await documents.move('doc_1', 'handed-over', { ...handed, state: 'accepted', reviewAt: undefined });
  await documents.reviewAgain('doc_1', reviewAt);
  expect(await documents.toReview('telnyx', new Date(), 5)).toEqual([]);
  expect(await documents.find('doc_1')).toMatchObject({ state: 'accepted', carrierDocumentId: 'd-1' });
});

test('the database deletes it at its date, by an index of its own', async () => {
  const indexes = await own.raw.collection('documents').indexes();
  expect(indexes).toContainEqual(expect.objectContaining({ key: { deleteAt: 1 }, expireAfterSeconds: 0 }));
});
