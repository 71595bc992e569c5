import type { LedgerEntry } from '../../activities/text-accounts.ts';
import { sumOf } from '../../domain/text-ledger.ts';
import type { CountedTexts, TextLedgerDocument } from '../../store/text-ledgers.ts';
import type { TextLedgerAnswer } from '../schemas/text-ledger.ts';
import { csvRows } from './csv-rows.ts';
import { moment } from './moment.ts';

/** A ledger with its count, and the number that it is about. */
export interface CountedLedger {
  readonly ledger: TextLedgerDocument;
  readonly phoneNumber: string;
  readonly counted: CountedTexts;
}

/** The account of a port: of each number, and of all together. */
export function textLedgerView(counted: readonly CountedLedger[]): TextLedgerAnswer {
  const total = sumOf(counted.flatMap(({ counted: { outbound, awaitingIt } }) => [outbound, awaitingIt]));
  return {
    total: { ...total },
    numbers: counted.map(({ ledger, phoneNumber, counted: texts }) => ({
      phoneNumber,
      begunAt: moment(ledger.begunAt),
      endedAt: moment(ledger.endedAt),
      outcome: ledger.outcome,
      countedAt: moment(ledger.countedAt),
      outbound: texts.outbound,
      awaitingIt: texts.awaitingIt,
      inbound: texts.inbound,
    })),
  };
}

const columns: Readonly<Record<string, (line: LedgerEntry & { phoneNumber: string }) => string | number | undefined>> =
  {
    phoneNumber: ({ phoneNumber }) => phoneNumber,
    direction: ({ direction }) => direction,
    messageId: ({ text }) => text._id,
    kind: ({ text }) => text.kind,
    place: ({ place }) => place,
    status: ({ text }) => text.status,
    code: ({ text }) => text.failure?.code,
    carrier: ({ text }) => text.attempts.at(-1)?.carrier,
    acceptedAt: ({ text }) => moment(text.acceptedAt),
    heldAt: ({ text }) => moment(text.hold?.since),
    releasedAt: ({ text }) => moment(text.hold?.releasedAt),
    finalAt: ({ text }) => moment(text.finalAt),
    canary: ({ text }) => (text.canaryAt ? 'yes' : ''),
  };

/** Each text of a port on a line of its own. */
export function textLedgerCsv(lines: AsyncIterable<LedgerEntry & { phoneNumber: string }>): AsyncIterable<string> {
  return csvRows(lines, columns);
}
