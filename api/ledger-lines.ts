import type { ConsentEntry } from '../store/consents.ts';
import type { Store } from '../store/store.ts';
import type { Vault } from '../store/vault.ts';
import { pastMoment } from './past-moment.ts';
import { Problem, readBy } from './problem.ts';
import { ledgerId, ledgerLine } from './schemas/consent-files.ts';
import { sealEvidence } from './views/consent-view.ts';

/** A line that an export has made: an event of another ledger, or of this one, as it stands there. */
export interface LedgerRow {
  readonly line: number;
  readonly event: Omit<ConsentEntry, 'evidence'>;
  /** Absent: nothing names the person any more. */
  readonly phoneNumber: string | undefined;
  readonly sender: string | undefined;
  readonly evidence: object;
}

/** Stands for the evidence of who was erased, as it does in an export of theirs. */
export const erasedEvidence = '{"erased":true}';

/** Tells under which secret the keyed hashes of a file were made, and nothing else. */
export const keyedUnder = (vault: Pick<Vault, 'fingerprint'>): string => vault.fingerprint('number-keys');

/** Whether a line is an event of a ledger: it has the id that the ledger gave it. */
export function isLedgerLine(row: unknown): boolean {
  const id = typeof row === 'object' && row !== null ? (row as { id?: unknown }).id : undefined;
  return typeof id === 'string' && ledgerId.test(id);
}

/**
 * Reads an event of a ledger. It keeps its id, so that what others are about stands, and the same event is never there twice.
 * @throws Problem `invalid-request`
 */
export function readLedgerLine(line: number, row: unknown, vault: Vault, now: Date): LedgerRow {
  const read = readBy(ledgerLine, row);
  const { id, phoneNumber, sender, kinds, lawfulBasis, expiresAt, grantsUntil, honourBy, evidence } = read;
  const [path, date] = (['capturedAt', 'revokedAt', 'checkedAt'] as const).flatMap((name) =>
    read[name] === undefined ? [] : [name, read[name]],
  );
  if (path === undefined || date === undefined) throw refused('capturedAt', 'Has to say when it happened.');
  const isForeign = read.keyedUnder !== keyedUnder(vault);
  const subjectKey = phoneNumber === undefined ? read.subjectKey : vault.numberKey(phoneNumber);
  if (subjectKey === undefined || (phoneNumber === undefined && isForeign)) {
    throw refused(
      'subjectKey',
      'The person was erased in the ledger that this comes from; their keyed hash says who it was only under the PORTSMS_SECRET of there. Erase the person here, too.',
    );
  }
  if (sender === undefined && read.senderKey !== undefined && isForeign) {
    throw refused(
      'senderKey',
      'What it is from is no number of the ledger that it comes from any more: name it as `sender`.',
    );
  }
  const senderKey = sender === undefined ? read.senderKey : vault.numberKey(sender);
  const { type, basis, source, expiresBecause, revokes, about, jurisdiction, portId, reassigned } = read;
  return {
    line,
    phoneNumber,
    sender,
    evidence,
    event: {
      _id: id,
      type,
      subjectKey,
      ...(senderKey !== undefined && { senderKey }),
      ...(kinds && { kinds }),
      basis,
      ...(lawfulBasis && { lawfulBasis }),
      source,
      at: pastMoment(path, date, now),
      ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt) }),
      ...(grantsUntil !== undefined && { grantsUntil: new Date(grantsUntil) }),
      ...(expiresBecause !== undefined && { expiresBecause }),
      ...(revokes !== undefined && { revokes }),
      ...(about !== undefined && { about }),
      ...(honourBy !== undefined && { honourBy: new Date(honourBy) }),
      ...(jurisdiction !== undefined && { jurisdiction }),
      ...(portId !== undefined && { portId }),
      ...(reassigned && { reassigned }),
      imported: true,
    },
  };
}

/**
 * The events of these lines, sealed. Of who has been erased here what is older than that is kept without what named the person, and gets
 * them no new key.
 */
export async function entriesOf(
  rows: readonly LedgerRow[],
  { subjectKeys, vault }: Pick<Store, 'subjectKeys' | 'vault'>,
): Promise<ConsentEntry[]> {
  const named = rows.filter(({ phoneNumber }) => phoneNumber !== undefined);
  await subjectKeys.loadUnlessErased(named.map(({ event }) => event.subjectKey));
  const erasedAt = await subjectKeys.erasedAt(named.map(({ event }) => event.subjectKey));
  const isOlder = ({ subjectKey, at }: LedgerRow['event']) => {
    const erased = erasedAt.get(subjectKey);
    return erased !== undefined && at <= erased;
  };
  // Written to since, by the other ledger: a new record under a new key.
  await subjectKeys.load(named.flatMap(({ event }) => (isOlder(event) ? [] : event.subjectKey)));
  return rows.map(({ event, phoneNumber, sender, evidence }) => {
    if (phoneNumber === undefined) return { ...event, evidence: vault.seal(JSON.stringify(evidence)) };
    if (isOlder(event)) return { ...event, evidence: vault.seal(erasedEvidence) };
    return {
      ...event,
      evidence: sealEvidence(vault, { phoneNumber, ...(sender !== undefined && { sender }) }, evidence),
    };
  });
}

function refused(path: string, message: string): Problem {
  return new Problem('invalid-request', message, { errors: [{ path, message }] });
}
