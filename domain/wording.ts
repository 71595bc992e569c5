import notices from './facts/opt-out-notices.json' with { type: 'json' };
import type { ContentRule } from './jurisdictions/row.ts';

const optOutWords = new RegExp(`(?<![a-z0-9])(?:${notices.words.flatMap(({ words }) => words).join('|')})(?![a-z0-9])`);
const link = /https?:\/\/\S|(?<![a-z0-9@])(?:[a-z0-9-]+\.)+[a-z]{2,}(?:\/\S*|(?![a-z0-9.]))/;
/** Seven digits or more, with what people put between them. */
const phoneNumber = /(?<!\d)\+?\d(?:[ ().-]{0,2}\d){6,}/;

/**
 * Which of these rules about its wording a text breaks.
 * @param brand the name by which the sender is known; undefined: none is registered, so no text names it
 */
export function brokenContentRules(
  text: string,
  brand: string | undefined,
  rules: readonly ContentRule[],
): ContentRule[] {
  const plain = normalized(text);
  const breaks: Readonly<Record<ContentRule, () => boolean>> = {
    'sender-named': () => brand === undefined || !plain.includes(normalized(brand)),
    // A link leads to a page where texts can be ended: the law asks for a way, not for a word.
    'opt-out': () => !optOutWords.test(plain) && !link.test(plain),
    'no-link': () => link.test(plain),
    'no-phone-number': () => phoneNumber.test(plain),
  };
  return rules.filter((rule) => breaks[rule]());
}

/** Letters without case and accents, blanks as one. */
function normalized(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replace(/\s+/g, ' ');
}
