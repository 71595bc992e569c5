import type { Carrier } from '../carriers/carrier.ts';
import { sealEvidence } from '../intake/evidence.ts';
import { keepInboundOptOut } from '../intake/opt-out.ts';
import { keepOptOuts } from '../intake/receipts.ts';
import type { ConsentEntry } from '../store/consents.ts';
import type { PageEnd } from '../store/newest-first.ts';
import type { Store } from '../store/store.ts';
import type { MovingNumber } from './moving-texts.ts';

/** Events, texts: so many at a time. */
const portion = 500;

type Stores = 'consents' | 'inboundTexts' | 'messages' | 'subjectKeys' | 'vault';

/**
 * Joins a carrier's list of a number's opt-outs into the ledger, each with the date that the carrier has: a later START stands.
 * Safe to repeat.
 * @returns how many persons it lists; undefined when the carrier has no list that can be read
 * @throws CarrierUnavailable
 */
export async function joinCarrierList(
  { portId, numberKey, phoneNumber }: MovingNumber,
  carrier: Carrier | undefined,
  store: Pick<Store, Stores>,
): Promise<number | undefined> {
  if (!carrier?.optOuts) return undefined;
  const { vault } = store;
  const persons = new Set<string>();
  let waiting: { recipient: string; keyword?: string; at: string }[] = [];
  const join = async () => {
    await store.subjectKeys.loadUnlessErased(waiting.map(({ recipient }) => vault.numberKey(recipient)));
    await store.consents.appendAll(
      waiting.map(({ recipient, keyword, at }): ConsentEntry => {
        const subjectKey = vault.numberKey(recipient);
        const evidence = { phoneNumber: recipient, sender: phoneNumber, carrier: carrier.settings.id, words: keyword };
        return {
          _id: vault.deriveId('con', 'carrier-list', portId, carrier.settings.id, numberKey, subjectKey),
          type: 'revoked',
          subjectKey,
          senderKey: numberKey,
          basis: 'opt-out',
          source: 'carrier-list',
          at: new Date(at),
          portId,
          evidence: sealEvidence(subjectKey, evidence, vault),
        };
      }),
    );
    waiting = [];
  };
  for await (const optOut of carrier.optOuts.list(phoneNumber)) {
    persons.add(vault.numberKey(optOut.recipient));
    waiting.push(optOut);
    if (waiting.length === portion) await join();
  }
  await join();
  return persons.size;
}

/** Writes into the ledger what the inbound texts and the codes of a number say, as far as it is not there. Safe to repeat. */
export async function rebuildOptOuts({ numberKey }: MovingNumber, store: Store): Promise<void> {
  await eachPage(
    (before) => store.inboundTexts.list({ toKey: numberKey, ...(before && { before }) }, portion),
    ({ receivedAt }) => receivedAt,
    async (texts) => {
      for (const text of texts) if (text.keyword === 'opt-out' && !text.copyOf) await keepInboundOptOut(text, store);
    },
  );
  await eachPage(
    (before) => store.messages.list({ fromKey: numberKey, ...(before && { before }) }, portion),
    ({ acceptedAt }) => acceptedAt,
    (messages) => keepOptOuts(messages, store),
  );
}

async function eachPage<Item extends { readonly _id: string }>(
  list: (before: PageEnd | undefined) => Promise<readonly Item[]>,
  momentOf: (item: Item) => Date,
  work: (items: readonly Item[]) => Promise<void>,
): Promise<void> {
  for (let before: PageEnd | undefined; ; ) {
    const page = await list(before);
    await work(page);
    const last = page.at(-1);
    if (!last || page.length < portion) return;
    before = { at: momentOf(last), id: last._id };
  }
}
