import { expect, it } from 'vitest';
import {
  documentContentTypes,
  documentDeletion,
  documentExtension,
  documentKinds,
  maximumDocumentBytes,
} from '../../domain/document-rules.ts';
import rules from '../../domain/facts/document-rules.json' with { type: 'json' };

it('has a rule for every kind, and a source for every rule', () => {
  expect(Object.keys(rules.kinds)).toEqual([...documentKinds]);
  for (const each of rules.sources) expect([each.about, each.source, each.verifiedAt].every(Boolean)).toBe(true);
});

it('takes 3 MB of what carriers take', () => {
  expect(maximumDocumentBytes).toBe(3 * 1024 * 1024);
  expect(documentContentTypes.map(documentExtension)).toEqual(['pdf', 'jpg', 'png']);
  expect(documentExtension('text/html')).toBeUndefined();
});

it('keeps a letter for two years (47 CFR 64.1120(a)(1)(ii)) and proof of identity the shortest', () => {
  const storedAt = new Date('2026-01-01T00:00:00Z');
  expect(documentDeletion('loa', storedAt)).toEqual(new Date('2028-01-01T00:00:00Z'));
  const kept = documentKinds.map((kind) => documentDeletion(kind, storedAt).getTime());
  expect(Math.min(...kept)).toBe(documentDeletion('identity', storedAt).getTime());
});
