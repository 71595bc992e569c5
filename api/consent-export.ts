import type { Carrier } from '../carriers/carrier.ts';
import type { ConsentRecord } from '../store/consents.ts';
import type { Store } from '../store/store.ts';
import type { Vault } from '../store/vault.ts';
import { keyedUnder } from './ledger-lines.ts';
import type { ConsentEvent, ConsentEventType } from './schemas/consents.ts';
import { consentView } from './views/consent-view.ts';

/** Events whose keys are fetched together while the ledger is sent. */
const portion = 500;

/** An event of the ledger as a file has it: when it happened has the name that an import takes it by. */
export type ExportedLine = Omit<ConsentEvent, 'at'> & Readonly<Record<string, unknown>>;

export interface ConsentExportDependencies {
  readonly store: Pick<Store, 'consents' | 'numbers' | 'subjectKeys' | 'vault'>;
  readonly carriers: ReadonlyMap<string, Carrier>;
}

/**
 * The whole ledger, person by person, in the order of their chains. Notes name nobody by themselves: they are given the name that an event
 * before them in the chain has. Of whom nothing names any more, who was erased, the keyed hash stands there, and under which secret it was
 * made: by it another ledger under that secret knows the tombstone's person.
 */
export async function* consentExport({ store, carriers }: ConsentExportDependencies): AsyncGenerator<ExportedLine> {
  const { consents, numbers, subjectKeys, vault } = store;
  /** Ours, by key; undefined: looked for, and no number of ours. */
  const senders = new Map<string, string | undefined>();
  for (const { settings } of carriers.values()) {
    for (const sender of settings.senders) senders.set(vault.numberKey(sender), sender);
  }
  let chain: string | undefined;
  let names = new Map<string, string | undefined>();
  let waiting: ConsentRecord[] = [];
  const lines = async () => {
    const events = waiting;
    waiting = [];
    const unseen = [...new Set(events.flatMap(({ senderKey }) => senderKey ?? []))].filter((key) => !senders.has(key));
    const [found] = await Promise.all([
      numbers.findMany(unseen),
      subjectKeys.loadFor(events.map(({ evidence }) => evidence)),
    ]);
    for (const key of unseen) {
      const record = found.get(key);
      senders.set(key, record && vault.open(record.number));
    }
    return events.map((event) => {
      if (event.chain !== chain) names = new Map();
      chain = event.chain;
      const { senderKey } = event;
      if (senderKey !== undefined && senders.get(senderKey) !== undefined) names.set(senderKey, senders.get(senderKey));
      return lineOf(event, names, vault);
    });
  };
  for await (const event of consents.stream()) {
    waiting.push(event);
    if (waiting.length === portion) yield* await lines();
  }
  yield* await lines();
}

/** @param names of the chain's person and of senders, by key; what this event names is added */
function lineOf(event: ConsentRecord, names: Map<string, string | undefined>, vault: Vault): ExportedLine {
  const { at, ...view } = consentView(event, vault);
  const { subjectKey, senderKey } = event;
  if (view.phoneNumber !== undefined) names.set(subjectKey, view.phoneNumber);
  if (senderKey !== undefined && view.sender !== undefined) names.set(senderKey, view.sender);
  const phoneNumber = names.get(subjectKey);
  const sender = senderKey === undefined ? view.sender : names.get(senderKey);
  const isNameless = phoneNumber === undefined || (senderKey !== undefined && sender === undefined);
  return {
    ...view,
    phoneNumber,
    sender,
    ...(phoneNumber === undefined && { subjectKey }),
    ...(senderKey !== undefined && sender === undefined && { senderKey }),
    ...(isNameless && { keyedUnder: keyedUnder(vault) }),
    [dateNames[event.type] ?? 'capturedAt']: at,
  };
}

const dateNames: Readonly<Partial<Record<ConsentEventType, string>>> = { revoked: 'revokedAt', checked: 'checkedAt' };
