import { lineOfId } from '../domain/batch-line.ts';
import type { Engine } from '../intake/engine.ts';
import { tellWorkflows } from '../intake/told-workflows.ts';
import { claimsWritten } from '../intake/written-claims.ts';
import type { ErasureDocument } from '../store/erasures.ts';
import type { MessageDocument } from '../store/messages.ts';
import type { Store } from '../store/store.ts';
import { refusedAsErased } from './erased-texts.ts';

/** Texts that are stopped in one write. */
const portion = 500;

/** What an erasure needs. */
export interface ErasureDependencies {
  readonly store: Pick<
    Store,
    'consents' | 'erasures' | 'inboundTexts' | 'messages' | 'numbers' | 'subjectKeys' | 'vault'
  >;
  readonly engine: Pick<Engine, 'failures' | 'settled'>;
}

/**
 * Erases a person (GDPR Art. 17): their key is destroyed, and with it every number, text and piece of evidence that was sealed under it,
 * wherever it lies. What stays says nothing about anybody: keyed hashes of the number, times, codes, counts; among it the tombstone, by
 * which no marketing goes to the number until the person consents anew. Nothing that was on the way to the person is submitted after it.
 *
 * Safe to repeat and to cut off: asked for again it goes on, and when it is done it gives the same proof. A text that comes after it, or
 * one that a caller sends after it, begins a new record under a new key, which can be erased in its turn.
 */
export async function erase(
  subjectKey: string,
  requestedBy: string,
  { store, engine }: ErasureDependencies,
): Promise<ErasureDocument> {
  const { erasures, vault } = store;
  const generation = (await store.subjectKeys.find(subjectKey))?.generation ?? 0;
  const id = vault.deriveId('ers', subjectKey, String(generation));
  const tombstoneId = vault.deriveId('cns', 'erasure', id);
  const requestedAt = new Date();
  const begun = await erasures.begin({ _id: id, subjectKey, requestedAt, requestedBy, generation, tombstoneId });
  if (begun.completedAt) return begun;

  // The tombstone first: from then on nothing new begins, whatever happens to this process.
  await store.consents.append({
    _id: tombstoneId,
    type: 'revoked',
    subjectKey,
    kinds: ['marketing'],
    basis: 'opt-out',
    source: 'erasure',
    at: begun.requestedAt,
    evidence: vault.seal(JSON.stringify({ erasureId: id })),
  });
  await store.subjectKeys.destroy(subjectKey, begun.requestedAt);
  if (!begun.keyDestroyedAt) await erasures.advance(id, { keyDestroyedAt: new Date() });

  let textsStopped = await stopTexts(subjectKey, { store, engine });
  // Another process may hold the key for a while: what it has claimed it still writes, or gives back.
  await claimsWritten([subjectKey], store);
  textsStopped += await stopTexts(subjectKey, { store, engine });
  const lookUp = await store.numbers.forgetForeign(subjectKey);
  await store.inboundTexts.forgetParts(subjectKey);
  const [texts, inboundTexts, events] = await Promise.all([
    store.messages.countTo(subjectKey),
    store.inboundTexts.countFrom(subjectKey),
    // A ledger that is not whole must not keep anybody from being erased.
    store.consents.count(subjectKey),
  ]);
  // Without the tombstone itself.
  const erased = { texts, inboundTexts, consentEvents: events - 1, textsStopped, lookUp };
  return erasures.advance(id, { completedAt: new Date(), erased });
}

/**
 * Refuses what is still on the way to the person, and tells the workflows that carry it; what a carrier has already is out of our hands.
 * @returns how many
 */
async function stopTexts(
  subjectKey: string,
  { store, engine }: Pick<ErasureDependencies, 'store' | 'engine'>,
): Promise<number> {
  const { messages } = store;
  let stopped = 0;
  for (;;) {
    const open = await messages.findStoppable(subjectKey, portion);
    if (open.length === 0) return stopped;
    const refused = refusedAsErased(new Date());
    stopped += await messages.stop(
      open.map(({ _id }) => _id),
      refused,
    );
    const changed = open.map((message) => ({ ...message, ...refused }));
    // Who is not told finds out by the clock: the engine may be away, and the erasure does not wait for it.
    await tellWorkflows(changed.filter(isWithWorkflow), store, engine).catch(() => undefined);
  }
}

/** A text that its bulk has not given away has no workflow of its own yet. */
function isWithWorkflow({ _id, workflowId }: MessageDocument): boolean {
  return lineOfId(_id)?.batchId !== workflowId;
}
