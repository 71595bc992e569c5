import facts from './facts/keywords.json' with { type: 'json' };

export type Keyword = 'opt-out' | 'opt-in' | 'help';

/** Letters and digits in one case and without accents, words apart by one space; an apostrophe joins («don't» is «dont»). */
function plain(text: string): string {
  return text
    .normalize('NFKC')
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[\p{M}\p{Cf}'’]/gu, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

const joined = (words: string) => words.replaceAll(' ', '');
const listed = (rows: readonly { readonly words: readonly string[] }[]) => rows.flatMap((row) => row.words);

const keywords = new Map(
  facts.keywords.flatMap((row) => row.words.map((word) => [joined(word), row.reads as Keyword] as const)),
);
const courtesies = new RegExp(` (?:${listed(facts.courtesies).join('|')})(?= )`, 'g');
const phrases = facts.phrases.flatMap((row) =>
  row.words.map((words) => ({
    reads: row.reads as Keyword,
    pattern: new RegExp(`(?<! (?:${listed(facts.negations).join('|')})) ${words} `),
  })),
);

/**
 * What an inbound text asks of us, if it is one of the words that have to be obeyed: STOP, START, HELP and their kin
 * (facts/keywords.json).
 *
 * First the whole text counts, however it is spelled («S.T.O.P», «Désabonner!»), then the whole text without courtesies
 * («stop please»), then a phrase anywhere in it that can mean only this («please stop texting me»), unless it is negated.
 * Consent is given by a keyword alone: no phrase opts in, and «yes» does not.
 * @returns undefined for everything else, an ordinary text
 */
export function readKeyword(text: string): Keyword | undefined {
  const words = plain(text);
  const whole = keywords.get(joined(words));
  if (whole !== undefined) return whole;
  const asked = keywords.get(joined(` ${words} `.replace(courtesies, '').trim()));
  if (asked !== undefined && asked !== 'opt-in') return asked;
  return phrases.find(({ pattern }) => pattern.test(` ${words} `))?.reads;
}
