/** One part of a longer text, as it arrived. All parts of a call are of one group: same sender, recipient, reference and total. */
export interface TextPart {
  /** Ours, unique for each arrival. */
  readonly partId: string;
  readonly carrier: string;
  /** From 1 to `total`. */
  readonly sequence: number;
  readonly total: number;
  readonly text: string;
  /** The text that this part went into already, or that it is a copy of a part of. */
  readonly textId?: string;
}

/** A text that is being put together, or has been. */
export interface Assembly {
  /** Set when it has been released: what is here and has no `textId` yet are late copies. */
  readonly textId?: string;
  /** What is there, in the order of the text. */
  readonly parts: readonly TextPart[];
  /** The same parts again, by other carriers. */
  readonly copies: readonly TextPart[];
  /** What is there, joined; the whole text when nothing is missing. */
  readonly text: string;
  /** Sequence numbers that have not come. */
  readonly missing: readonly number[];
}

interface Draft {
  readonly textId?: string;
  readonly total: number;
  readonly slots: Map<number, TextPart>;
  readonly copies: TextPart[];
}

/**
 * Puts the parts of long texts together, across carriers: in an overlap one may bring the first part and another the second, or
 * both may bring all.
 *
 * A part that another carrier brought in the same words is a copy. A part whose place is taken otherwise begins another text,
 * because handsets use a reference again; one whose place is free goes to the newest text that waits for it, because a text
 * that lost a part waits in vain. A text that has been released takes copies, and nothing else.
 * A sequence number outside 1 to total makes the part a text of its own (3GPP TS 23.040 §9.2.3.24.1: such a header is ignored).
 * @param parts in the order in which they arrived, those of released texts included
 * @returns the texts, oldest first; every part is in exactly one of them
 */
export function assemble(parts: readonly TextPart[]): Assembly[] {
  const drafts: Draft[] = [];
  for (const part of parts) {
    const draft = homeOf(part, drafts) ?? begin(part, drafts);
    const taken = draft.slots.has(placeOf(part));
    if (taken) draft.copies.push(part);
    else draft.slots.set(placeOf(part), part);
  }
  return drafts.map(finish);
}

const isNumbered = ({ sequence, total }: TextPart) => sequence >= 1 && sequence <= total;
const placeOf = (part: TextPart) => (isNumbered(part) ? part.sequence : 1);

function begin(part: TextPart, drafts: Draft[]): Draft {
  const total = isNumbered(part) ? part.total : 1;
  const draft: Draft = {
    ...(part.textId === undefined ? {} : { textId: part.textId }),
    total,
    slots: new Map(),
    copies: [],
  };
  drafts.push(draft);
  return draft;
}

function homeOf(part: TextPart, drafts: readonly Draft[]): Draft | undefined {
  if (!isNumbered(part)) return undefined;
  const fitting = drafts.filter((draft) => draft.total === part.total);
  if (part.textId !== undefined) return fitting.find((draft) => draft.textId === part.textId);
  return (
    fitting.find((draft) => isCopyIn(draft, part)) ??
    fitting.findLast((draft) => draft.textId === undefined && !draft.slots.has(part.sequence))
  );
}

function isCopyIn({ slots, copies }: Draft, part: TextPart): boolean {
  const first = slots.get(part.sequence);
  if (first === undefined || first.text !== part.text) return false;
  return ![first, ...copies].some((each) => each.sequence === part.sequence && each.carrier === part.carrier);
}

function finish({ textId, total, slots, copies }: Draft): Assembly {
  const places = Array.from({ length: total }, (_, i) => i + 1);
  const parts = places.flatMap((place) => slots.get(place) ?? []);
  return {
    ...(textId === undefined ? {} : { textId }),
    parts,
    copies,
    text: parts.map((part) => part.text).join(''),
    missing: places.filter((place) => !slots.has(place)),
  };
}
