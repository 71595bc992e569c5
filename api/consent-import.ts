import type { Readable } from 'node:stream';
import { canonical } from '../domain/hash-chain.ts';
import type { Engine } from '../intake/engine.ts';
import { honourRevocations } from '../intake/revocation.ts';
import type { ConsentEntry } from '../store/consents.ts';
import type { Store } from '../store/store.ts';
import { checkOf, grantOf, revocationOf } from './consent-acceptance.ts';
import { consentFileLines } from './consent-file-lines.ts';
import { entriesOf, erasedEvidence, isLedgerLine, type LedgerRow, readLedgerLine } from './ledger-lines.ts';
import { Problem, readBy } from './problem.ts';
import {
  anyId,
  type CheckedLine,
  type ConsentImportAnswer,
  checkedLine,
  grantedLine,
  revokedLine,
} from './schemas/consent-files.ts';
import type { ConsentRequest } from './schemas/consents.ts';

/** Lines that go into the ledger together: memory stays flat whatever the file's length. */
const portion = 500;
const shownRefusals = 100;
/** Types that follow from other lines, or say nothing without the ledger that they stand in. */
const notes = new Set(['requested', 'expired', 'honoured', 'paused', 'resumed']);

type Refusal = ConsentImportAnswer['refusals'][number];

/** What an import needs. */
export interface ConsentImportDependencies {
  readonly store: Pick<Store, 'consents' | 'messages' | 'optOutReviews' | 'subjectKeys' | 'vault'>;
  readonly engine: Pick<Engine, 'optOutReview'>;
}

interface Row {
  readonly line: number;
  readonly phoneNumber: string;
}
/** A consent or a revocation. */
interface EventRow extends Row {
  readonly readAt: Date;
  readonly tell: () => ConsentEntry;
}
/** A look-up: of the consents that are on record when it is written. */
interface CheckRow extends Row {
  readonly check: CheckedLine;
}

/**
 * Puts a file of consents, revocations and look-ups on record, as it comes in. A line that is refused changes nothing for the others. An
 * event's id derives from what its line says, so that the same file, whole or cut off, records nothing twice. A line that is an event of a
 * ledger is recorded as it stands. When it is answered its revocations hold.
 * @throws Problem `engine-unavailable` when everything is on record, but nobody is called to read what may be an opt-out
 */
export async function importConsents(
  { store, engine }: ConsentImportDependencies,
  source: Readable,
  mediaType: string,
): Promise<ConsentImportAnswer> {
  const { consents, subjectKeys, vault } = store;
  const answer = { recorded: 0, known: 0, passedOver: 0, refused: 0, refusals: [] as Refusal[] };
  let waiting: (EventRow | CheckRow | LedgerRow)[] = [];
  /** Words that a person was still to read, by the pause of marketing. A chain has the pause before its end. */
  const unread = new Map<string, LedgerRow>();

  const refuse = (line: number, errors: Refusal['errors']) => {
    answer.refused += 1;
    if (answer.refusals.length < shownRefusals) answer.refusals.push({ line, errors });
  };

  const attempt = <Result>(line: number, work: () => Result): Result | undefined => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const errors = error.errors?.map(({ path, message }) => ({ path, message }));
      refuse(line, errors ?? [{ message: error.message }]);
      return undefined;
    }
  };

  async function write(): Promise<void> {
    const rows = waiting;
    waiting = [];
    const told = rows.filter((row) => 'tell' in row);
    await subjectKeys.load(rows.flatMap((row) => ('event' in row ? [] : vault.numberKey(row.phoneNumber))));
    const events = told.flatMap(({ line, readAt, tell }) => ({ readAt, event: attempt(line, tell) }));
    const erasedAt = await subjectKeys.erasedAt(told.map(({ phoneNumber }) => vault.numberKey(phoneNumber)));
    await append(
      events.flatMap(({ readAt, event }) => {
        const erased = event && erasedAt.get(event.subjectKey);
        // Who was erased while the file came in: what was in it about them is not kept under the key that they got by it.
        return erased && erased >= readAt ? { ...event, evidence: vault.seal(erasedEvidence) } : (event ?? []);
      }),
    );
    await append(
      await entriesOf(
        rows.filter((row) => 'event' in row),
        store,
      ),
    );
    const checks = rows.filter((row) => 'check' in row);
    if (checks.length > 0) await append(await eventsOfChecks(checks));
  }

  async function append(events: readonly ConsentEntry[]): Promise<void> {
    for (const isNew of await consents.appendAll(events)) answer[isNew ? 'recorded' : 'known'] += 1;
    // Those that were known, too: what recorded them may have been cut off here.
    await honourRevocations(
      events.filter(({ type }) => type === 'revoked'),
      store,
    );
  }

  async function eventsOfChecks(checks: readonly CheckRow[]): Promise<ConsentEntry[]> {
    const found = await consents.ofSubjects(checks.map(({ phoneNumber }) => vault.numberKey(phoneNumber)));
    await subjectKeys.loadFor([...found.values()].flat().map(({ evidence }) => evidence));
    const now = new Date();
    return checks.flatMap(({ line, phoneNumber, check: { reassigned: result, checkedAt, evidence } }) => {
      const until = checkedAt === undefined ? now : new Date(checkedAt);
      const grants = (found.get(vault.numberKey(phoneNumber)) ?? []).filter(
        ({ type, at }) => type === 'granted' && at <= until,
      );
      if (grants.length === 0) refuse(line, [{ message: 'No consent of before that is on record for this number.' }]);
      const said = { result, ...(checkedAt !== undefined && { checkedAt }), source: evidence.source };
      const events = attempt(line, () =>
        grants.flatMap((grant) => {
          const id = vault.deriveId('cns', 'import', canonical({ ...said, of: grant._id }));
          return checkOf(id, { ...grant, type: 'granted' }, said, vault, now);
        }),
      );
      return events ?? [];
    });
  }

  for await (const each of consentFileLines(source, mediaType)) {
    if ('malformed' in each) {
      refuse(each.line, [{ message: each.malformed }]);
      continue;
    }
    const broken = brokenOf(each.row);
    if (broken !== undefined) {
      refuse(each.line, [{ path: 'broken', message: `In the ledger of there the chain is not whole: ${broken}` }]);
      continue;
    }
    if (isLedgerLine(each.row)) {
      const row = attempt(each.line, () => readLedgerLine(each.line, each.row, vault, new Date()));
      if (!row) continue;
      waiting.push(row);
      if (row.event.type === 'paused') unread.set(row.event._id, row);
      else if (row.event.about !== undefined) unread.delete(row.event.about);
      if (waiting.length === portion) await write();
      continue;
    }
    const type = typeOf(each.row);
    if (typeof type === 'string' && notes.has(type)) {
      answer.passedOver += 1;
      continue;
    }
    const row = attempt(each.line, () => readRow(each.line, type, each.row, store));
    if (row) waiting.push(row);
    if (waiting.length === portion) await write();
  }
  await write();
  await askPeople([...unread.values()], { store, engine });
  return answer;
}

/** Has people read what they were to read in the ledger that the pauses come from: its text stays there, the law's clock goes on here. */
async function askPeople(pauses: readonly LedgerRow[], { store, engine }: ConsentImportDependencies): Promise<void> {
  for (const { event, evidence } of pauses) {
    const { _id, at, honourBy: dueAt = at } = event;
    const { inboundTextId } = evidence as { inboundTextId?: unknown };
    const isId = anyId.safeParse(inboundTextId);
    await store.optOutReviews.open({ _id, inboundTextId: isId.success ? isId.data : '', at, dueAt });
    try {
      await engine.optOutReview(_id);
    } catch (cause) {
      throw new Problem(
        'engine-unavailable',
        'All is on record, but the clock of what people are to read is not running: send the file again.',
        { cause },
      );
    }
  }
}

/** What was wrong with the chain that a line comes from. */
function brokenOf(row: unknown): string | undefined {
  const broken = typeof row === 'object' && row !== null ? (row as { broken?: unknown }).broken : undefined;
  return typeof broken === 'string' ? broken : undefined;
}

function typeOf(row: unknown): unknown {
  return typeof row === 'object' && row !== null ? (row as { type?: unknown }).type : undefined;
}

function readRow(line: number, type: unknown, row: unknown, { vault }: Pick<Store, 'vault'>): EventRow | CheckRow {
  const idOf = (about: object) => vault.deriveId('cns', 'import', canonical(about));
  const now = new Date();
  if (type === 'checked') {
    const check = readBy(checkedLine, row);
    return { line, phoneNumber: check.phoneNumber, check };
  }
  if (type === 'revoked') {
    const { phoneNumber, sender, kinds, evidence, ...rest } = readBy(revokedLine, row);
    const revokedAt = rest.revokedAt ?? rest.capturedAt;
    const channel = rest.channel ?? 'other';
    const about = { phoneNumber, sender, kinds, revokedAt, channel, words: rest.words };
    return {
      line,
      phoneNumber,
      readAt: now,
      tell: () => revocationOf(idOf({ ...about, type, evidence }), about, vault, now),
    };
  }
  const { id: _id, type: _type, chain: _chain, ...consent } = readBy(grantedLine, row);
  const { phoneNumber, sender, kinds, basis, lawfulBasis, impliedBy, jurisdiction, capturedAt, expiresAt, evidence } =
    consent;
  const about = { phoneNumber, sender, kinds, lawfulBasis, impliedBy, jurisdiction, capturedAt, expiresAt };
  return {
    line,
    phoneNumber,
    readAt: now,
    tell: () => {
      const id = idOf({ ...about, basis, evidence });
      // What an older consent was given with stands as it is: the schema of today's calls is not asked again.
      const request = { ...about, basis, evidence } as unknown as ConsentRequest;
      return grantOf(id, request, vault, now);
    },
  };
}
