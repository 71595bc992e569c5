/**
 * Letters and digits in one case and without accents, words apart by one space; an apostrophe joins («don't» is «dont»).
 */
export function plainWords(text: string): string {
  return text
    .normalize('NFKC')
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[\p{M}\p{Cf}'’`´]/gu, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/** How often what a `*` stands behind may come. */
const most = 4;

type Groups = Readonly<Record<string, string>>;

/**
 * Reads a pattern of facts/keywords.json: words, `{group}`, `(one|or another)`, each with `?` or `*` behind it, `^` and `$` for the ends of
 * the sentence. It matches a sentence in which every word, the first one too, has a space before it.
 * @param groups alternatives by name, as `one|or another`
 * @param notAfter words after which it does not count
 * @throws Error for a pattern that cannot be read: which one, and why
 */
export function readPattern(pattern: string, groups: Groups, notAfter: readonly string[] = []): RegExp {
  const pieces = pattern.match(/\{\w+\}|[()|?*^$]|[^\s{}()|?*^$]+/g) ?? [];
  let at = 0;

  function alternatives(): string {
    const all = [sequence()];
    while (pieces[at] === '|') {
      at += 1;
      all.push(sequence());
    }
    return `(?:${all.join('|')})`;
  }

  function sequence(): string {
    let read = '';
    while (at < pieces.length && pieces[at] !== '|' && pieces[at] !== ')') read += repeated(one());
    return read;
  }

  function one(): string {
    const piece = pieces[at] ?? '';
    at += 1;
    if (piece === '^' || piece === '$') return piece;
    if (piece.startsWith('{')) return group(piece);
    if (piece !== '(') return asWords(piece);
    const inside = alternatives();
    if (pieces[at] !== ')') throw unreadable('a parenthesis is not closed');
    at += 1;
    return inside;
  }

  function repeated(what: string): string {
    const sign = pieces[at];
    if (sign !== '?' && sign !== '*') return what;
    at += 1;
    return `(?:${what})${sign === '?' ? '?' : `{0,${most}}`}`;
  }

  function group(piece: string): string {
    const words = groups[piece.slice(1, -1)];
    if (words === undefined) throw unreadable(`there is no group ${piece}`);
    return `(?:${words.split('|').map(asWords).join('|')})`;
  }

  function unreadable(why: string): Error {
    return new Error(`The pattern «${pattern}» of facts/keywords.json cannot be read: ${why}.`);
  }

  const read = alternatives();
  if (at < pieces.length) throw unreadable('a parenthesis is closed that was not opened');
  const anchored = pattern.startsWith('^') || notAfter.length === 0;
  const guard = anchored ? '' : `(?<! (?:${notAfter.map(plainWords).join('|')}))`;
  return new RegExp(`${guard}${read}(?= |$)`);
}

function asWords(words: string): string {
  const read = plainWords(words);
  return read === '' ? '' : ` ${read}`;
}
