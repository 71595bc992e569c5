import facts from './facts/keyword-answers.json' with { type: 'json' };
import type { Keyword } from './keywords.ts';

type Answered = Exclude<Keyword, 'ambiguous'> | 'opt-out-all';

const answers: Readonly<Record<string, Readonly<Record<Answered, string>>>> = facts.answers;

/** The language that most people of a country read; English where none of ours is. @param country ISO 3166 alpha-2 */
export function languageOf(country: string | undefined): string {
  return facts.languages.find(({ countries }) => countries.includes(country ?? ''))?.language ?? 'en';
}

/**
 * What is answered to a keyword, in the language of who wrote it: that of the words, else that of the number's country, else English. No
 * marketing in it (47 CFR 64.1200(a)(12)).
 */
export function answerTo(keyword: Answered, language: string | undefined, country: string | undefined): string {
  return (answers[language ?? languageOf(country)] ?? facts.answers.en)[keyword];
}

/**
 * Whether a carrier that answers keywords by itself knows this one. Such a carrier compares the whole text and misses every other wording
 * («STOP PLEASE», REVOKE): those are ours to answer.
 * @param codes whose delivery codes it speaks, as its settings have it
 */
export function isAnsweredByCarrier(codes: string, text: string): boolean {
  const asked = text.trim().toUpperCase();
  return facts.carriers.find((row) => row.codes === codes)?.words.includes(asked) ?? false;
}
