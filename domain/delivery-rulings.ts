import {
  actionOfClass,
  type DeliveryClass,
  type Fault,
  type Meaning,
  type OurCode,
  type Vocabulary,
} from './delivery-codes.ts';

/**
 * What an operator has said of a code: one that no table has, or one that a carrier uses in a sense of its own (the `err:` of a receipt is
 * the vendor's). It holds from the moment it is stored, without a release.
 */
export interface Ruling {
  readonly vocabulary: Vocabulary;
  /** In its plain spelling (`plainCode`). */
  readonly code: string;
  /** The one carrier that it holds for; absent: all that speak the vocabulary. */
  readonly carrier?: string;
  readonly ours: OurCode;
  readonly class: DeliveryClass;
  readonly portRelated: boolean;
  readonly fault: Fault;
  readonly meaning: string;
}

/** By `rulingId`. */
export type Rulings = ReadonlyMap<string, Ruling>;

/** Names a ruling: the code, in its vocabulary, of one carrier or of all. */
export function rulingId({ vocabulary, code, carrier }: Pick<Ruling, 'vocabulary' | 'code' | 'carrier'>): string {
  return `${carrier ?? '*'}/${vocabulary}/${code}`;
}

/** What has been ruled about the codes of one carrier; what was said of it alone comes first. */
export function rulingsOf(
  rulings: Rulings,
  vocabulary: Vocabulary,
  carrier: string,
): ((plain: string) => Meaning | undefined) | undefined {
  if (rulings.size === 0) return undefined;
  return (code) => {
    const ruling = rulings.get(rulingId({ vocabulary, code, carrier })) ?? rulings.get(rulingId({ vocabulary, code }));
    return ruling && asMeaning(ruling);
  };
}

/** A ruling as the catalogue shows it. */
export function asMeaning({ ours, class: deliveryClass, portRelated, fault, meaning }: Ruling): Meaning {
  return {
    ours,
    class: deliveryClass,
    portRelated,
    fault,
    meaning,
    action: actionOfClass(deliveryClass),
    source: 'operator',
    confidence: 'R',
  };
}
