import type { PortOutSnapshot } from '../carriers/carrier.ts';
import findingFacts from '../domain/facts/port-out-findings.json' with { type: 'json' };
import type { PortOutAccountField } from '../domain/port-out-account.ts';
import type { PortOutFacts, PortOutNumberFacts } from '../domain/port-out-check.ts';
import type { NumberDocument } from '../store/numbers.ts';
import { compareAccount } from '../store/port-out-credentials.ts';
import type { Store } from '../store/store.ts';
import type { PortOutReference } from './interfaces.ts';

const day = 24 * 3600_000;

/** What is known about a request to take numbers away: from the numbers' records, from earlier requests, from our own ports. */
export function createPortOutFacts(store: Store) {
  const { vault } = store;

  /** Numbers that a port of our own takes away from this carrier. */
  async function ownPorts(carrier: string, numberKeys: readonly string[]): Promise<Set<string>> {
    const openPorts = await store.numberClaims.openPorts(numberKeys);
    const losing = new Map<string, string | undefined>();
    for (const portId of new Set(openPorts.values())) {
      losing.set(portId, (await store.ports.find(portId))?.losingCarrier);
    }
    return new Set([...openPorts].flatMap(([key, portId]) => (losing.get(portId) === carrier ? [key] : [])));
  }

  /** @param tells what this carrier tells of what the request proves itself by */
  return async (
    { portOutId, carrier }: PortOutReference,
    { phoneNumbers, given, requestedAt }: PortOutSnapshot,
    tells: readonly PortOutAccountField[],
  ): Promise<{ facts: Omit<PortOutFacts, 'eligible' | 'undecided'>; numberKeys: string[] }> => {
    const numberKeys = phoneNumbers.map(vault.numberKey);
    const asked = new Date(requestedAt);
    const wrongFrom = new Date(asked.getTime() - findingFacts.limits.wrongBeforeDays * day);
    const [records, ours, wrong, askedLately] = await Promise.all([
      store.numbers.findMany(numberKeys),
      ownPorts(carrier, numberKeys),
      store.portOuts.wrongSince(numberKeys, wrongFrom, portOutId),
      store.portOuts.countNumbersSince(new Date(Date.now() - day)),
    ]);
    const numbers = numberKeys.map((key): PortOutNumberFacts => {
      const record = records.get(key);
      const account = record?.portOutAccount;
      const compare = (field: PortOutAccountField) =>
        compareAccount(vault, key, field, account, given, tells.includes(field));
      const portedInAt = record?.history.findLast(({ to }) => to === carrier)?.at;
      return {
        own: record?.own ?? false,
        active: record?.routing.state !== 'gone',
        atCarrier: record !== undefined && isAt(record, carrier),
        locked: record?.portOutLock ?? false,
        accountNumber: compare('accountNumber'),
        pin: compare('pin'),
        postalCode: compare('postalCode'),
        ownPort: ours.has(key),
        wrongBefore: wrong.has(key),
        ...(portedInAt && { portedInAt }),
        ...(record?.simChangedAt && { simChangedAt: record.simChangedAt }),
        ...(record?.country && { country: record.country }),
      };
    });
    return { facts: { numbers, requestedAt: asked, askedLately }, numberKeys };
  };
}

/** While a number moves, it is with either. */
function isAt({ routing }: NumberDocument, carrier: string): boolean {
  if (routing.state === 'settled') return routing.carrier === carrier;
  return routing.state === 'uncertain' && (routing.losing === carrier || routing.gaining === carrier);
}
