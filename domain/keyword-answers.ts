import facts from './facts/keyword-answers.json' with { type: 'json' };
import type { Keyword } from './keywords.ts';

type Answered = Exclude<Keyword, 'ambiguous'> | 'opt-out-all';

/** As whom a sender answers. */
export interface Answerer {
  /** The name by which its recipients know it. */
  readonly brand?: string | undefined;
  /** Where they get help: a mail address, a phone number or a web page. */
  readonly contact?: string | undefined;
}

const answers: Readonly<Record<string, Readonly<Record<Answered | 'help-of-brand' | 'contact', string>>>> =
  facts.answers;

/** The language that most people of a country read; English where none of ours is. @param country ISO 3166 alpha-2 */
export function languageOf(country: string | undefined): string {
  return facts.languages.find(({ countries }) => countries.includes(country ?? ''))?.language ?? 'en';
}

/**
 * What is answered to a keyword, in the language of who wrote it: that of the words, else that of the number's country, else English. No
 * marketing in it (47 CFR 64.1200(a)(12)). It names who sends, and to HELP a contact, as far as they are known (CTIA Messaging Principles 5.1.3).
 */
export function answerTo(
  keyword: Answered,
  language: string | undefined,
  country: string | undefined,
  { brand, contact }: Answerer = {},
): string {
  const words = answers[language ?? languageOf(country)] ?? facts.answers.en;
  if (keyword !== 'help') return brand === undefined ? words[keyword] : `${brand}: ${words[keyword]}`;
  const help = brand === undefined ? words.help : words['help-of-brand'].replace('{brand}', () => brand);
  return contact === undefined ? help : `${help} ${words.contact.replace('{contact}', () => contact)}`;
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
