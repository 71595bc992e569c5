import { listedCodes } from '../../domain/delivery-codes.ts';
import { asMeaning, type Ruling } from '../../domain/delivery-rulings.ts';
import type { DeliveryCodeAnswer } from '../schemas/delivery-codes.ts';

/** What the tables have, as the catalogue shows it; made once, it never changes while the process runs. */
export const tableCodes: readonly DeliveryCodeAnswer[] = listedCodes().map((row) => ({
  vocabulary: row.vocabulary,
  code: row.code,
  ours: row.ours,
  class: row.class,
  portRelated: row.portRelated,
  fault: row.fault,
  meaning: row.meaning,
  action: row.action,
  source: row.source ?? 'unknown',
  confidence: row.confidence,
}));

/** What an operator has said of a code. */
export function rulingView(ruling: Ruling): DeliveryCodeAnswer {
  const { vocabulary, code, carrier } = ruling;
  const { source = 'operator', ...meaning } = asMeaning(ruling);
  return { vocabulary, code, ...(carrier !== undefined && { carrier }), ...meaning, source };
}
