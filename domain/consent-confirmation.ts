import facts from './facts/confirmation-words.json' with { type: 'json' };
import { languageOf } from './keyword-answers.ts';
import { plainWords } from './phrase-pattern.ts';

const yes = new Set(facts.words.map(plainWords));
const questions: Readonly<Record<string, string>> = facts.questions;

/** Whether a text says yes and nothing else. It confirms a consent only where one was asked for: in a conversation it does not. */
export function isConfirmation(text: string): boolean {
  return yes.has(plainWords(text));
}

/**
 * What a person is asked, in the language of their number's country. No marketing in it.
 * @param brand the name by which they know who asks
 */
export function consentQuestion(country: string | undefined, brand?: string): string {
  const question = questions[languageOf(country)] ?? facts.questions.en;
  return brand === undefined ? question : `${brand}: ${question}`;
}
