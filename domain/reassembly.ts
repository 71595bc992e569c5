/** One part of a longer text, as it arrived. All parts of a call are of one group: same sender, recipient, reference and total. */
export interface TextPart {
  /** Ours, unique for each arrival. */
  readonly _id: string;
  readonly carrier: string;
  /** From 1 to `total`. */
  readonly sequence: number;
  readonly total: number;
  readonly receivedAt: Date;
  /** The text that this part went into already, or that it is a copy of a part of. */
  readonly textId?: string;
}

/** A text that is being put together, or has been. */
export interface Assembly<Part extends TextPart> {
  /** Set when it has been released: what has no `textId` among its copies came late. */
  readonly textId?: string;
  /** What is there, in the order of the text. */
  readonly parts: readonly Part[];
  /** The same parts again, by other carriers. */
  readonly copies: readonly Part[];
  /** Sequence numbers that have not come. */
  readonly missing: readonly number[];
}

interface Draft<Part> {
  readonly textId?: string;
  readonly total: number;
  readonly slots: Map<number, Part>;
  readonly copies: Part[];
}

/**
 * Sorts the parts of long texts into texts, across carriers: in an overlap one may bring the first part and another the second,
 * or both may bring all.
 *
 * A part that another carrier brought in the same words is a copy. A part whose place is taken otherwise begins another text,
 * because handsets use a reference again; one whose place is free goes to the newest text that waits for it, because a text
 * that lost a part waits in vain. A text that has been released takes copies, and nothing else.
 * A sequence number outside 1 to total makes the part a text of its own (3GPP TS 23.040 §9.2.3.24.1: such a header is ignored).
 * @param parts in any order; those of released texts included, so that their late copies are recognised
 * @param wordsOf what stands in a part, or anything that is equal when that is equal
 * @returns the texts, oldest first; every part is in exactly one of them
 */
export function assemblies<Part extends TextPart>(
  parts: readonly Part[],
  wordsOf: (part: Part) => string,
): Assembly<Part>[] {
  const words = new Map(parts.map((part) => [part._id, wordsOf(part)]));
  const drafts: Draft<Part>[] = [];
  for (const part of parts.toSorted(byArrival)) {
    const draft = homeOf(part, drafts, words) ?? begin(part, drafts);
    if (draft.slots.has(placeOf(part))) draft.copies.push(part);
    else draft.slots.set(placeOf(part), part);
  }
  return drafts.map(finish);
}

export type AssemblyOutcome<Part extends TextPart> =
  /** Release the text (again, if it has been: its id must derive from its parts), then mark parts and copies with its id. */
  | { readonly outcome: 'complete'; readonly parts: readonly Part[]; readonly copies: readonly Part[] }
  /** Came late, after its text had been released: mark it with that text's id. */
  | { readonly outcome: 'copy'; readonly textId: string }
  | { readonly outcome: 'waiting'; readonly missing: readonly number[] };

/**
 * What is to be done now that a part has been kept.
 * @param partId the part that arrived; it is among `parts`
 * @throws RangeError when it is not
 */
export function assemble<Part extends TextPart>(
  parts: readonly Part[],
  partId: string,
  wordsOf: (part: Part) => string,
): AssemblyOutcome<Part> {
  const isIt = ({ _id }: Part) => _id === partId;
  const own = assemblies(parts, wordsOf).find((each) => each.parts.some(isIt) || each.copies.some(isIt));
  if (!own) throw new RangeError('The part is not among those of its group: keep it before asking for its text.');
  if (own.missing.length === 0 && (own.textId === undefined || own.parts.some(isIt))) {
    return { outcome: 'complete', parts: own.parts, copies: own.copies };
  }
  return own.textId === undefined
    ? { outcome: 'waiting', missing: own.missing }
    : { outcome: 'copy', textId: own.textId };
}

const isNumbered = ({ sequence, total }: TextPart) => sequence >= 1 && sequence <= total;
const placeOf = (part: TextPart) => (isNumbered(part) ? part.sequence : 1);

function byArrival(a: TextPart, b: TextPart): number {
  return a.receivedAt.getTime() - b.receivedAt.getTime() || (a._id < b._id ? -1 : 1);
}

function begin<Part extends TextPart>(part: Part, drafts: Draft<Part>[]): Draft<Part> {
  const draft: Draft<Part> = {
    ...(part.textId === undefined ? {} : { textId: part.textId }),
    total: isNumbered(part) ? part.total : 1,
    slots: new Map(),
    copies: [],
  };
  drafts.push(draft);
  return draft;
}

function homeOf<Part extends TextPart>(
  part: Part,
  drafts: readonly Draft<Part>[],
  words: ReadonlyMap<string, string>,
): Draft<Part> | undefined {
  if (!isNumbered(part)) return undefined;
  const fitting = drafts.filter((draft) => draft.total === part.total);
  if (part.textId !== undefined) return fitting.find((draft) => draft.textId === part.textId);
  const isCopyIn = ({ slots, copies }: Draft<Part>) => {
    const first = slots.get(part.sequence);
    if (first === undefined || words.get(first._id) !== words.get(part._id)) return false;
    return ![first, ...copies].some((each) => each.sequence === part.sequence && each.carrier === part.carrier);
  };
  return (
    fitting.find(isCopyIn) ?? fitting.findLast((draft) => draft.textId === undefined && !draft.slots.has(part.sequence))
  );
}

function finish<Part extends TextPart>({ textId, total, slots, copies }: Draft<Part>): Assembly<Part> {
  const places = Array.from({ length: total }, (_, i) => i + 1);
  return {
    ...(textId === undefined ? {} : { textId }),
    parts: places.flatMap((place) => slots.get(place) ?? []),
    copies,
    missing: places.filter((place) => !slots.has(place)),
  };
}
