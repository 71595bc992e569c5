import { describe, expect, it } from 'vitest';
import { plainWords, readPattern } from '../../domain/phrase-pattern.ts';

const groups = { stop: 'stop|cease', me: 'me|this number' };
const matches = (pattern: string, sentence: string, notAfter: string[] = []) =>
  readPattern(pattern, groups, notAfter).test(` ${plainWords(sentence)}`);

describe('readPattern', () => {
  it.each([
    ['{stop} texting {me}', 'Please stop texting this number', true],
    ['{stop} texting {me}', 'stop texting my mother', false],
    ['{stop} (the|all)* texts', 'stop all the texts', true],
    ['{stop} (the|all)* texts', 'stop texts', true],
    ['^ stop $', 'stop', true],
    ['^ stop $', 'bus stop', false],
    ['^ stop $', 'stop here', false],
    ["(don't|do not) text", 'DON’T TEXT', true],
    ['(remove (me|us)|drop me) now?', 'drop me', true],
    ['stop', 'stopover', false],
  ])('%s and «%s»: %s', (pattern, sentence, expected) => {
    expect(matches(pattern, sentence)).toBe(expected);
  });

  it('does not count after certain words', () => {
    expect(matches('{stop} texting', 'never stop texting', ['never'])).toBe(false);
    expect(matches('{stop} texting', 'now stop texting', ['never'])).toBe(true);
  });

  it.each([
    ['{nothing} here', 'there is no group {nothing}'],
    ['(one|two', 'a parenthesis is not closed'],
    ['one) two', 'a parenthesis is closed that was not opened'],
  ])('says of %s what is wrong', (pattern, why) => {
    expect(() => readPattern(pattern, groups)).toThrow(`«${pattern}» of facts/keywords.json cannot be read: ${why}`);
  });
});
