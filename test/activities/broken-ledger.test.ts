import { expect, test } from 'vitest';
import { brokenLedger } from '../../activities/broken-ledger.ts';
import { createPermissions } from '../../activities/permission.ts';
import { ownStore } from '../store/own-store.ts';
import { sampleText, theirs } from '../store/samples.ts';

const own = ownStore();

test('nothing goes to a person whose ledger is not whole, whatever kind it is; others are sent to (invariant 10)', async () => {
  const { consents, vault } = own.store;
  const subjectKey = vault.numberKey(theirs);
  const event = { subjectKey, source: 'api' as const, evidence: vault.seal('{}') };
  await consents.append({ ...event, _id: 'con_1', type: 'granted', basis: 'express', at: new Date(1000) });
  await consents.append({ ...event, _id: 'con_2', type: 'revoked', basis: 'opt-out', at: new Date(2000) });
  // Somebody takes the opt-out away.
  await own.raw.collection('consents').deleteOne({ chain: subjectKey, seq: 2 });
  const texts = [sampleText(vault, { kind: 'otp' }), sampleText(vault, { kind: 'otp', to: '+12025550123' })];
  const known = { numbers: new Map(), consents: await consents.ofSubjects(texts.map(({ toKey }) => toKey)) };
  const permissions = await createPermissions({ store: own.store }).weigh(texts, known);
  expect(texts.map(({ _id }) => permissions.get(_id))).toMatchObject([
    { decision: 'refuse', code: 'consent-ledger-broken' },
    { decision: 'send' },
  ]);
  expect(brokenLedger([])).toBeUndefined();
});
