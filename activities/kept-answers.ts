import { parsePhoneNumber } from '../domain/phone-number.ts';
import type { PortabilityRecord } from '../npdb/portability-database.ts';
import type { LookUp, NumberAnswer, NumberDocument } from '../store/numbers.ts';
import type { Store } from '../store/store.ts';

/** What the portability database said of one number. */
export interface Answer {
  readonly phoneNumber: string;
  /** Undefined: it does not know the number. */
  readonly record: PortabilityRecord | undefined;
  /** It was asked for a text, then. */
  readonly askedAt?: Date;
  /** It was asked because a carrier's answer pointed at a move, then. */
  readonly suspectedAt?: Date;
}

/**
 * The record of a number as it is with what was said of it.
 * @param known as it was read lately
 */
export function recordWith(
  store: Pick<Store, 'vault'>,
  key: string,
  answer: Answer,
  known: NumberDocument | undefined,
): NumberDocument {
  const said = keptOf(answer, known);
  return known ? { ...known, ...said } : foreignNumber(store, key, answer.phoneNumber, said);
}

/**
 * Keeps answers in the numbers' records, for everyone who sends to them: one write for the new ones, one for the known ones.
 * @param answers by numberKey
 * @param known records as they were read lately
 * @param records with what was said, where they have been made already: to seal a number costs something
 */
export async function keepAnswers(
  store: Pick<Store, 'numbers' | 'vault'>,
  answers: ReadonlyMap<string, Answer>,
  known: ReadonlyMap<string, NumberDocument>,
  records: ReadonlyMap<string, NumberDocument> = new Map(
    [...answers].map(([key, answer]) => [key, recordWith(store, key, answer, known.get(key))]),
  ),
): Promise<void> {
  const inserted = await store.numbers.insertAll([...records.values()].filter(({ _id }) => !known.has(_id)));
  // When somebody else has stored one of them meanwhile, that one's record has to learn it, too.
  const toSave = [...answers].filter(([key]) => !inserted || known.has(key));
  await store.numbers.saveAnswers(new Map(toSave.map(([key, answer]) => [key, keptOf(answer, known.get(key))])));
}

function keptOf({ record, askedAt, suspectedAt }: Answer, known: NumberDocument | undefined): NumberAnswer {
  return {
    ...(record && { lookUp: lookUpOf(record, known?.lookUp) }),
    ...(askedAt && { askedAt }),
    ...(suspectedAt && { suspectedAt }),
  };
}

/** @param known what the database had said before */
function lookUpOf({ portedAt, ...record }: PortabilityRecord, known: LookUp | undefined): LookUp {
  const at = new Date(record.at);
  // When the provider was first seen to be another one; a first look says nothing about that.
  const changedAt = known !== undefined && known.spid !== record.spid ? at : known?.changedAt;
  return {
    ...record,
    at,
    ...(portedAt !== undefined && { portedAt: new Date(portedAt) }),
    ...(changedAt && { changedAt }),
  };
}

/** The record of a number that is none of ours. */
function foreignNumber(
  { vault }: Pick<Store, 'vault'>,
  key: string,
  phoneNumber: string,
  said: NumberAnswer,
): NumberDocument {
  const parsed = parsePhoneNumber(phoneNumber);
  return {
    _id: key,
    number: vault.seal(phoneNumber),
    own: false,
    ...(parsed.ok && { country: parsed.country, type: parsed.type }),
    routing: { state: 'settled' },
    version: 1,
    ...said,
    history: [],
    registeredAt: new Date(),
  };
}
