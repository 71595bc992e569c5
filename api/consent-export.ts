import type { Carrier } from '../carriers/carrier.ts';
import type { ProvenChain } from '../store/consent-verification.ts';
import type { Store } from '../store/store.ts';
import type { Vault } from '../store/vault.ts';
import { keyedUnder } from './ledger-lines.ts';
import type { ConsentEvent, ConsentEventType } from './schemas/consents.ts';
import { consentViewOf } from './views/consent-view.ts';

/** An event of the ledger as a file has it: when it happened has the name that an import takes it by. */
export type ExportedLine = Partial<Omit<ConsentEvent, 'at'>> & Readonly<Record<string, unknown>>;

/** Numbers and names of ours, by key. */
type Names = ReadonlyMap<string, string | undefined>;

export interface ConsentExportDependencies {
  readonly store: Pick<Store, 'consents' | 'numbers' | 'subjectKeys' | 'vault'>;
  readonly carriers: ReadonlyMap<string, Carrier>;
}

/**
 * The whole ledger, person by person, in the order of their chains. Notes name nobody by themselves: they are given the name that an event
 * before them in the chain has. Of whom nothing names any more, who was erased, the keyed hash stands there, and under which secret it was
 * made: by it another ledger under that secret knows the tombstone's person. Of a person whose chain is not whole every line says so
 * (`broken`), and is taken by no import: what somebody has changed does not become whole by that.
 */
export async function* consentExport({ store, carriers }: ConsentExportDependencies): AsyncGenerator<ExportedLine> {
  const { consents, numbers, subjectKeys, vault } = store;
  /** Ours, by key; undefined: looked for, and no number of ours. */
  const senders = new Map<string, string | undefined>();
  for (const { settings } of carriers.values()) {
    for (const sender of settings.senders) senders.set(vault.numberKey(sender), sender);
  }
  for await (const chains of consents.chains()) {
    const events = chains.flatMap((chain) => chain.events);
    const unseen = [...new Set(events.flatMap(({ senderKey }) => senderKey ?? []))].filter((key) => !senders.has(key));
    const [found] = await Promise.all([
      numbers.findMany(unseen),
      subjectKeys.loadFor(events.map(({ evidence }) => evidence)),
    ]);
    for (const key of unseen) {
      const record = found.get(key);
      senders.set(key, record && vault.open(record.number));
    }
    // All at once: whoever reads them may be slow, and keys are not held for long.
    yield* chains.flatMap((chain) => linesOf(chain, senders, vault));
  }
}

function linesOf({ subjectKey, events, faults }: ProvenChain, senders: Names, vault: Vault): ExportedLine[] {
  const broken = faults.map(({ detail }) => detail).join(' ');
  if (broken !== '' && events.length === 0) return [{ subjectKey, keyedUnder: keyedUnder(vault), broken }];
  /** What events of this chain name. */
  const names = new Map<string, string>();
  return events.map((event) => {
    const { at, ...view } = consentViewOf(event, vault, broken !== '');
    const { senderKey } = event;
    if (view.phoneNumber !== undefined) names.set(subjectKey, view.phoneNumber);
    if (senderKey !== undefined && view.sender !== undefined) names.set(senderKey, view.sender);
    const phoneNumber = names.get(subjectKey);
    const sender = senderKey === undefined ? view.sender : (names.get(senderKey) ?? senders.get(senderKey));
    const isNameless = phoneNumber === undefined || (senderKey !== undefined && sender === undefined);
    return {
      ...view,
      phoneNumber,
      sender,
      ...(phoneNumber === undefined && { subjectKey }),
      ...(senderKey !== undefined && sender === undefined && { senderKey }),
      ...(isNameless && { keyedUnder: keyedUnder(vault) }),
      [dateNames[event.type] ?? 'capturedAt']: at,
      ...(broken !== '' && { broken }),
    };
  });
}

const dateNames: Readonly<Partial<Record<ConsentEventType, string>>> = { revoked: 'revokedAt', checked: 'checkedAt' };
