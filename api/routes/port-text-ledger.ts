import { countTexts, type LedgerEntry, ledgerEntries } from '../../activities/text-accounts.ts';
import type { Store } from '../../store/store.ts';
import type { TextLedgerDocument } from '../../store/text-ledgers.ts';
import { foundPort } from '../found-port.ts';
import { type Operation, operation } from '../operation.ts';
import { portParams } from '../schemas/ports.ts';
import { textLedger, textLedgerQuery } from '../schemas/text-ledger.ts';
import { type CountedLedger, textLedgerCsv, textLedgerView } from '../views/text-ledger-view.ts';

const types = { json: 'application/json', csv: 'text/csv' } as const;

/** What has become of each text while a port moved its number. */
export function textLedgerOperations({
  store,
}: {
  readonly store: Pick<Store, 'ports' | 'portPlans' | 'textLedgers' | 'messages' | 'inboundTexts' | 'vault'>;
}): Operation[] {
  /** The ledgers of a port, in the order of its numbers; of numbers that have not begun to move there are none. */
  async function ledgersOf(id: string): Promise<{ ledger: TextLedgerDocument; phoneNumber: string }[]> {
    const port = await foundPort(store, id);
    const ledgers = new Map((await store.textLedgers.ofPort(id)).map((ledger) => [ledger.numberKey, ledger]));
    return port.numbers.flatMap(({ numberKey, number }) => {
      const ledger = ledgers.get(numberKey);
      return ledger ? [{ ledger, phoneNumber: store.vault.open(number) }] : [];
    });
  }

  const read = operation({
    method: 'get',
    path: '/v1/ports/:id/text-ledger',
    summary: 'Account for every text that was on its way while numbers moved',
    description:
      'Of each number: the texts that were accepted, or not final yet, while nobody could say who routes it. JSON counts them, CSV names each.',
    tag: 'Audit',
    params: portParams,
    query: textLedgerQuery,
    answers: { 200: { description: 'The account.', schema: textLedger, alsoAs: types.csv } },
    problems: ['unknown-port'],
    async handle({ params: { id }, query, accepts }) {
      const ledgers = await ledgersOf(id);
      const type = query.format ? types[query.format] : accepts(Object.values(types));
      if (type === types.csv) return { status: 200, contentType: type, body: textLedgerCsv(linesOf(ledgers)) };
      const counted: CountedLedger[] = [];
      // One number after the other: each may have tens of thousands of texts.
      for (const each of ledgers) counted.push({ ...each, counted: await countTexts(store, each.ledger) });
      return { status: 200, body: textLedgerView(counted) };
    },
  });

  async function* linesOf(
    ledgers: readonly { ledger: TextLedgerDocument; phoneNumber: string }[],
  ): AsyncIterable<LedgerEntry & { phoneNumber: string }> {
    for (const { ledger, phoneNumber } of ledgers) {
      for await (const entry of ledgerEntries(store, ledger)) yield { ...entry, phoneNumber };
    }
  }

  return [read];
}
