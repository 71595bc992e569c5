import { describe, expect, it } from 'vitest';
import { consentQuestion, isConfirmation } from '../../domain/consent-confirmation.ts';
import facts from '../../domain/facts/keyword-answers.json' with { type: 'json' };
import { answerTo, isAnsweredByCarrier } from '../../domain/keyword-answers.ts';
import { readKeyword } from '../../domain/keywords.ts';

describe('answerTo', () => {
  it('is in the language of the words, else of the country, else English', () => {
    expect(answerTo('opt-out', 'de', 'US')).toContain('abgemeldet');
    expect(answerTo('opt-out', undefined, 'FR')).toContain('désabonné');
    expect(answerTo('opt-out', undefined, 'US')).toContain('unsubscribed');
    expect(answerTo('help', 'xx', undefined)).toContain('business');
  });

  it('names who sends and where to get help, as far as that is known', () => {
    const northwind = { brand: 'Northwind & Co', contact: 'help@northwind.example' };
    expect(answerTo('help', 'en', 'US', northwind)).toBe(
      'This number sends texts of Northwind & Co. Reply STOP to end them. More help: help@northwind.example',
    );
    expect(answerTo('opt-out', 'en', 'US', northwind)).toMatch(/^Northwind & Co: You have been unsubscribed/);
    for (const language of Object.keys(facts.answers)) {
      const help = answerTo('help', language, undefined, { brand: '$&', contact: '+1 206 555 0100' });
      expect(help).toContain('$&');
      expect(help).toContain('+1 206 555 0100');
      expect(answerTo('help', language, undefined, { contact: 'a.example' })).toMatch(/a\.example$/);
    }
  });

  it('names words that we obey, and fits into two parts', () => {
    for (const { contact: _, ...answers } of Object.values(facts.answers)) {
      for (const [keyword, text] of Object.entries(answers)) {
        expect(text.length, text).toBeLessThanOrEqual(134);
        const [named = ''] = /START|STOP/.exec(text) ?? [];
        expect(readKeyword(named)?.reads).toBe(keyword.startsWith('opt-out') ? 'opt-in' : 'opt-out');
      }
    }
  });
});

describe('isAnsweredByCarrier', () => {
  it.each([
    ['telnyx', ' stop ', true],
    ['telnyx', 'REVOKE', false],
    ['telnyx', 'STOP PLEASE', false],
    ['smpp', 'Unsubscribe', true],
  ])('%s answers %j: %s', (codes, text, expected) => {
    expect(isAnsweredByCarrier(codes, text)).toBe(expected);
  });
});

describe('isConfirmation', () => {
  it.each([
    ['YES', true],
    ['Sí.', true],
    ['oui', true],
    ['yes, at five', false],
    ['no', false],
    ['', false],
  ])('%j: %s', (text, expected) => {
    expect(isConfirmation(text)).toBe(expected);
  });

  it('is what the question asks for, in every language', () => {
    for (const country of ['US', 'ES', 'FR', 'DE', 'PT', 'IT', 'NL']) {
      const [, word = ''] = /\b(YES|SI|OUI|JA|SIM)\b/.exec(consentQuestion(country)) ?? [];
      expect(isConfirmation(word), country).toBe(true);
    }
  });
});
