import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import facts from '../../domain/facts/keywords.json' with { type: 'json' };
import { readKeyword } from '../../domain/keywords.ts';
import heldOut from './inbound-texts/held-out.json' with { type: 'json' };
import tuning from './inbound-texts/tuning.json' with { type: 'json' };

describe('readKeyword', () => {
  it.each([
    ['STOP', 'opt-out'],
    ['stop', 'opt-out'],
    [' Stop. ', 'opt-out'],
    ['STOP!!!', 'opt-out'],
    ['S.T.O.P', 'opt-out'],
    ['ＳＴＯＰ', 'opt-out'],
    ['"stop"', 'opt-out'],
    ['🛑 stop', 'opt-out'],
    ['st\u200bop', 'opt-out'],
    ['STOPALL', 'opt-out'],
    ['Stop all', 'opt-out'],
    ['opt-out', 'opt-out'],
    ['OptOut', 'opt-out'],
    ['Revoke', 'opt-out'],
    ['STOP PLEASE', 'opt-out'],
    ['please stop, thanks', 'opt-out'],
    ['Please stop texting me', 'opt-out'],
    ['I asked you twice: STOP SENDING these!', 'opt-out'],
    ["Don't text me again", 'opt-out'],
    ['Don’t text me again', 'opt-out'],
    ['take me off your list', 'opt-out'],
    ['ARRÊT', 'opt-out'],
    ['Désabonner svp', 'opt-out'],
    ['arret s’il vous plaît', 'opt-out'],
    ['BAJA por favor', 'opt-out'],
    ['Stopp', 'opt-out'],
    ['bitte abmelden', 'opt-out'],
    ['SAIR', 'opt-out'],
    ['cancella', 'opt-out'],
    ['Afmelden', 'opt-out'],
    ['START', 'opt-in'],
    ['unstop', 'opt-in'],
    ['help', 'help'],
    ['INFO?', 'help'],
    ['Hilfe bitte', 'help'],
    ['aide', 'help'],
  ])('%j is %s', (text, expected) => {
    expect(readKeyword(text)?.reads).toBe(expected);
  });

  it.each([
    '',
    '   ',
    '!!!',
    '1',
    'yes',
    'YES',
    'Y',
    'please',
    'start please',
    'Where is the bus stop?',
    'I will stop by at five',
    'cancel my order 1234',
    "don't stop texting me, I like it",
    'never stop sending these',
    'please help me with my order',
    'the end of the month',
    'more info please at the desk',
    'unstoppable',
    'stopover',
  ])('%j is an ordinary text', (text) => {
    expect(readKeyword(text)).toBeUndefined();
  });

  it('knows every word of its list in any case and among punctuation', () => {
    const listed = facts.keywords.flatMap((row) => row.words.map((word) => [word, row.reads] as const));
    fc.assert(
      fc.property(
        fc.constantFrom(...listed),
        fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
        fc.string({ unit: fc.constantFrom('.', '!', ' ', '\n', '…', '*', '👍'), maxLength: 4 }),
        ([word, reads], upper, around) => {
          const written = [...word].map((letter, i) => (upper[i] ? letter.toUpperCase() : letter)).join('');
          expect(readKeyword(around + written + around)?.reads).toBe(reads);
        },
      ),
    );
  });

  it('tells the language, of «stop» by the words around it', () => {
    expect(readKeyword('abmelden')).toEqual({ reads: 'opt-out', language: 'de' });
    expect(readKeyword('stop s’il vous plaît')).toEqual({ reads: 'opt-out', language: 'fr' });
    expect(readKeyword('STOP')).toEqual({ reads: 'opt-out' });
  });

  it('reads a long text in a moment', () => {
    const long = 'stop all of the any of your more all of these '.repeat(40);
    const began = performance.now();
    for (let i = 0; i < 20; i++) readKeyword(long);
    expect((performance.now() - began) / 20).toBeLessThan(50);
  });

  it('reads any text at all', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect([undefined, 'opt-out', 'opt-in', 'help', 'ambiguous']).toContain(readKeyword(text)?.reads);
      }),
    );
  });
});

type Meaning = 'optOut' | 'other' | 'help' | 'optIn' | 'ambiguous';
type Corpus = Readonly<Record<string, Readonly<Record<Meaning, readonly string[]>>>>;

/** What the matcher makes of a corpus: each text as it was meant, and as it is read. */
function readAll(corpus: Corpus) {
  return Object.entries(corpus).flatMap(([language, byMeaning]) =>
    (Object.keys(byMeaning) as Meaning[]).flatMap((meant) =>
      byMeaning[meant].map((text) => ({ language, meant, text, reads: readKeyword(text)?.reads })),
    ),
  );
}

describe.each([
  ['written before the matcher, not used to tune it', heldOut.texts as Corpus],
  ['used to tune the matcher', tuning.texts as Corpus],
])('inbound texts in seven languages, %s', (which, corpus) => {
  const all = readAll(corpus);
  const of = (...meanings: Meaning[]) => all.filter(({ meant }) => meanings.includes(meant));
  const optOuts = of('optOut');
  const missed = optOuts.filter(({ reads }) => reads !== 'opt-out');
  const others = of('other', 'help', 'optIn');
  const falseOnes = others.filter(({ reads }) => reads === 'opt-out');
  const doubted = others.filter(({ reads }) => reads === 'ambiguous');
  const share = (part: readonly unknown[], whole: readonly unknown[]) => part.length / whole.length;

  it('finds the opt-outs (recall ≥ 0.99) and takes hardly anything else for one (≤ 0.01)', () => {
    const recall = 1 - share(missed, optOuts);
    process.stdout.write(
      `${all.length} inbound texts, ${which}: recall of opt-outs ${recall.toFixed(3)} (${optOuts.length}), false opt-outs ` +
        `${share(falseOnes, others).toFixed(3)} (${others.length}), given to a person in vain ${share(doubted, others).toFixed(3)}\n`,
    );
    expect(missed.length === 0 || recall >= 0.99, JSON.stringify(missed)).toBe(true);
    expect(share(falseOnes, others), JSON.stringify(falseOnes)).toBeLessThanOrEqual(0.01);
    expect(share(doubted, others), JSON.stringify(doubted)).toBeLessThanOrEqual(0.02);
  });

  it('reads START and HELP, and lets hardly an ambiguous one pass', () => {
    expect(of('help').every(({ reads }) => reads === 'help')).toBe(true);
    expect(of('optIn').every(({ reads }) => reads === 'opt-in')).toBe(true);
    const unsure = of('ambiguous');
    const passed = unsure.filter(({ reads }) => reads === undefined);
    expect(share(passed, unsure), JSON.stringify(passed)).toBeLessThanOrEqual(0.1);
    expect(unsure.filter(({ reads }) => reads === 'opt-in')).toEqual([]);
  });

  it('holds half of at least 300, in 7 languages', () => {
    expect(all.length).toBeGreaterThanOrEqual(150);
    expect(Object.keys(corpus)).toHaveLength(7);
  });
});
