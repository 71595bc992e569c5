import { isWithinEdits } from './edit-distance.ts';
import facts from './facts/keywords.json' with { type: 'json' };
import { plainWords, readPattern } from './phrase-pattern.ts';

/** What an inbound text asks of us; `ambiguous`: it may be an opt-out, a person has to read it. */
export type Keyword = 'opt-out' | 'opt-in' | 'help' | 'ambiguous';

export interface KeywordReading {
  readonly reads: Keyword;
  /** ISO 639-1; of «stop», which is said everywhere, that of the words around it, else absent. */
  readonly language?: string;
}

interface Row {
  readonly reads: Keyword;
  readonly language: string;
}

const joined = (words: string) => words.replaceAll(' ', '');
const longestFirst = (words: readonly string[]) => [...words].sort((a, b) => b.length - a.length);

const international = new Set(['stop', 'stopall', 'info']);
const rows = facts.keywords.flatMap((row) =>
  row.words.map((word) => ({
    word: joined(plainWords(word)),
    plain: 'plain' in row && row.plain === true,
    row: { reads: row.reads as Keyword, language: row.language } satisfies Row,
  })),
);
const keywords = new Map(rows.toReversed().map(({ word, row }) => [word, row]));
const plain = new Map(rows.filter((each) => each.plain).map(({ word, row }) => [word, row]));
const notMisspelt = new Set(facts.notMisspelt);

const courtesies = facts.courtesies.flatMap(({ language, words }) =>
  words.map((word) => ({ language, words: plainWords(word) })),
);
const courteous = new RegExp(` (?:${longestFirst(courtesies.map(({ words }) => words)).join('|')})(?= |$)`, 'g');
const courtesyOf = new Map(courtesies.toReversed().map(({ language, words }) => [words, language]));
const filling = new RegExp(` (?:${longestFirst(facts.fillers.map(plainWords)).join('|')})(?= |$)`, 'g');

const negations: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  facts.negations.map(({ language, words }) => [language, words]),
);
const groups: Readonly<Record<string, Readonly<Record<string, string>>>> = facts.groups;
const phrases = facts.phrases.flatMap(({ language, reads, patterns }) =>
  patterns.map((pattern) => ({
    row: { reads: reads as Keyword, language } satisfies Row,
    pattern: readPattern(pattern, groups[language] ?? {}, negations[language]),
  })),
);

/** Longer words bear two slips. */
const longWord = 9;
const shortestMisspelt = 4;

/**
 * What an inbound text asks of us, if it is one of those that have to be obeyed: STOP, START, HELP and their kin, in any clear wording
 * (47 CFR 64.1200(a)(10): any reasonable means; facts/keywords.json).
 *
 * In this order: the whole text is a keyword, however it is spelled («S.T.O.P», «Désabonner!»); it is one among courtesies («stop please»);
 * it is an unmistakable one, misspelt («stpo»), said again and again, or among words that add nothing («I said STOP»), or stands as a
 * sentence of its own; a phrase can mean only this («please stop texting me»), unless it is negated. What may mean it is ambiguous. Consent
 * is given by a keyword alone: no phrase opts in, and «yes» does not.
 * @returns undefined for everything else, an ordinary text
 */
export function readKeyword(text: string): KeywordReading | undefined {
  const words = plainWords(text);
  const whole = keywords.get(joined(words));
  if (whole) return reading(whole, joined(words), '');
  const asked = ` ${words}`.replace(courteous, '').trim();
  const kept = keywords.get(joined(asked));
  if (kept && kept.reads !== 'opt-in') return reading(kept, joined(asked), words);
  const meant = unmistakable(asked);
  if (meant) return reading(meant.row, meant.word, words);

  const sentences = text.split(/[.!?;:\n…]+/u).map((sentence) => ` ${plainWords(sentence)}`.replace(courteous, ''));
  if (sentences.length > 1) {
    for (const sentence of sentences) {
      const alone = plain.get(joined(sentence));
      if (alone) return reading(alone, joined(sentence), words);
    }
  }
  // Told apart by full stops first: across them no phrase is one.
  for (const reads of ['opt-out', 'ambiguous'] as const) {
    for (const sentence of sentences) {
      const found = phrases.find(({ row, pattern }) => row.reads === reads && pattern.test(sentence));
      if (found) return found.row;
    }
  }
  return undefined;
}

/** A plain keyword that is misspelt, repeated, or among words that add nothing. */
function unmistakable(words: string): { readonly row: Row; readonly word: string } | undefined {
  const different = [...new Set(words.split(' '))];
  const bare = ` ${different.join(' ')}`.replace(filling, '').trim();
  const word = joined(bare === '' ? words : bare);
  const exact = plain.get(word);
  if (exact) return { row: exact, word };
  if (bare.includes(' ') || word.length < shortestMisspelt - 1 || notMisspelt.has(word)) return undefined;
  for (const [keyword, row] of plain) {
    if (keyword.length < shortestMisspelt) continue;
    if (isWithinEdits(word, keyword, keyword.length >= longWord ? 2 : 1)) return { row, word: keyword };
  }
  return undefined;
}

/** «Stop» is said everywhere: then the courtesies beside it tell the language. */
function reading({ reads, language }: Row, word: string, around: string): KeywordReading {
  if (!international.has(word)) return { reads, language };
  const courtesy = ` ${around}`.match(courteous)?.[0].trim();
  const spoken = courtesy === undefined ? undefined : courtesyOf.get(courtesy);
  return { reads, ...(spoken !== undefined && { language: spoken }) };
}
