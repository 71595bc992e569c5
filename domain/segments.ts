export type Alphabet = 'gsm7' | 'ucs2';

export interface Segmentation {
  readonly alphabet: Alphabet;
  /** The text of each part in order; joined they are the text. One empty part for an empty text. */
  readonly parts: readonly string[];
  /** Size of the whole text without headers: septets in `gsm7`, 16-bit units in `ucs2`. */
  readonly units: number;
}

/** The total in a concatenation header is one octet (3GPP TS 23.040 §9.2.3.24.1): a longer text can't be sent as one. */
export const maximumParts = 255;

/** 3GPP TS 23.038 §6.2.1, the default alphabet in the order of its codes, without the escape (0x1B). */
const basic = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
    '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);

/** 3GPP TS 23.038 §6.2.1.1: reached by the escape, so each takes two septets. */
const extension = new Set('\f^{}\\[~]|€');

/**
 * Units in a part. A part is 140 octets (160 septets, 70 UCS-2 units); a concatenation header takes 6 octets with an
 * 8-bit reference and 7 with a 16-bit one (3GPP TS 23.040 §9.2.3.24.1 and .8), rounded up to a whole septet.
 */
const capacity = {
  gsm7: { alone: 160, 8: 153, 16: 152 },
  ucs2: { alone: 70, 8: 67, 16: 66 },
} as const;

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/**
 * Cuts a text into the parts in which it is sent, in the smaller alphabet that holds it. Never cut are an extension
 * character from its escape, a surrogate pair, and (unless it alone exceeds a part) what a reader sees as one character:
 * a letter with its accents, an emoji with its modifiers.
 * @param options.reference bits of the concatenation reference, 8 unless told; 16 leaves less room in each part
 */
export function segmentText(text: string, options: { readonly reference?: 8 | 16 } = {}): Segmentation {
  const alphabet = alphabetOf(text);
  const units = unitsOf(text, alphabet);
  const room = capacity[alphabet];
  if (units <= room.alone) return { alphabet, parts: [text], units };
  return { alphabet, parts: pack(text, alphabet, room[options.reference ?? 8]), units };
}

function alphabetOf(text: string): Alphabet {
  for (const character of text) {
    if (!basic.has(character) && !extension.has(character)) return 'ucs2';
  }
  return 'gsm7';
}

function unitsOf(text: string, alphabet: Alphabet): number {
  if (alphabet === 'ucs2') return text.length;
  let units = 0;
  for (const character of text) units += extension.has(character) ? 2 : 1;
  return units;
}

function pack(text: string, alphabet: Alphabet, room: number): string[] {
  const parts: string[] = [];
  let part = '';
  let used = 0;
  for (const piece of pieces(text, alphabet, room)) {
    const size = unitsOf(piece, alphabet);
    if (used + size > room) {
      parts.push(part);
      part = '';
      used = 0;
    }
    part += piece;
    used += size;
  }
  parts.push(part);
  return parts;
}

/** What must stay together. GSM-7 has no combining characters, so there every character stands alone. */
function* pieces(text: string, alphabet: Alphabet, room: number): Generator<string> {
  if (alphabet === 'gsm7') {
    yield* text;
    return;
  }
  for (const { segment } of graphemes.segment(text)) {
    if (segment.length <= room) yield segment;
    else yield* segment;
  }
}
