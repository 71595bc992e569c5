import { type MessageKind, messageKinds } from '../../domain/message.ts';
import { chooseRoute } from '../../domain/route-choice/choose.ts';
import type { RouteDecision } from '../../domain/route-choice/decision.ts';
import type { DecidedText } from '../../store/route-outcomes.ts';
import type { Store } from '../../store/store.ts';
import { money, percent } from './figures.ts';
import type { ReplayTerms } from './replay-terms.ts';

/** What choices come to, added up. */
class Sum {
  choices = 0;
  changed = 0;
  delivery = 0;
  micros = 0;
  /** Choices of which a price is known on both sides. */
  priced = 0;
  currency = '';
}

/**
 * `portsms route replay`: chooses the routes of past texts again, among the candidates as they looked then and with the lots that were drawn
 * then, by other parameters. What is compared is what was expected of both choices: what another one would have come to nobody knows.
 * @param tell takes each line
 */
export async function replay(
  store: Pick<Store, 'routeOutcomes'>,
  { since, until, parameters }: ReplayTerms,
  tell: (line: string) => void,
): Promise<number> {
  const sums = new Map<MessageKind, { before: Sum; after: Sum }>();
  for await (const text of store.routeOutcomes.decided(since, until)) {
    const sum = sums.get(text.kind) ?? { before: new Sum(), after: new Sum() };
    sums.set(text.kind, sum);
    for (const decision of text.decisions ?? []) {
      const { carrier } = chooseRoute({ ...decision, kind: text.kind }, parameters);
      add(sum.before, text, decision, decision.carrier, carrier);
      add(sum.after, text, decision, carrier, carrier);
    }
  }
  if (sums.size === 0) {
    tell(`No text was accepted from ${since.toISOString()} to ${until.toISOString()}.`);
    return 1;
  }
  tell(`texts accepted from ${since.toISOString()} to ${until.toISOString()}`);
  tell(row('kind', 'tolerance', 'choices', 'changed', 'expected', 'then', 'price', 'then'));
  for (const kind of messageKinds) {
    const sum = sums.get(kind);
    if (!sum) continue;
    const { before, after } = sum;
    const tolerance = percent(parameters.tolerance[kind]);
    const expected = [before, after].map(({ delivery, choices }) => (choices > 0 ? percent(delivery / choices) : '–'));
    const prices = [before, after].map(({ micros, priced, currency }) =>
      priced > 0 ? money(micros / priced, currency) : '–',
    );
    tell(row(kind, tolerance, before.choices, before.changed, expected[0], expected[1], prices[0], prices[1]));
  }
  return 0;
}

function add(sum: Sum, text: DecidedText, decision: RouteDecision, carrier: string, other: string): void {
  const chosen = decision.candidates.find((each) => each.carrier === carrier);
  const compared = decision.candidates.find((each) => each.carrier === other);
  const before = decision.candidates.find((each) => each.carrier === decision.carrier);
  sum.choices++;
  if (other !== decision.carrier) sum.changed++;
  sum.delivery += chosen?.delivery ?? 0;
  if (chosen?.price === undefined || compared?.price === undefined || before?.price === undefined) return;
  sum.priced++;
  sum.micros += chosen.price * text.segments;
  sum.currency = decision.currency ?? '';
}

function row(...cells: (string | number | undefined)[]): string {
  const widths = [16, 11, 10, 10, 11, 11, 18, 18];
  return cells
    .map((cell, index) => String(cell ?? '').padEnd(widths[index] ?? 0))
    .join('')
    .trimEnd();
}
