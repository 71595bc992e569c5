import { type Candidate, costOf, decisionOf, type RouteDecision } from '../../domain/route-choice/decision.ts';
import { routingParameters } from '../../domain/route-choice/parameters.ts';
import type { MessageDocument } from '../../store/messages.ts';
import type { Store } from '../../store/store.ts';
import { money, percent } from './figures.ts';

/** `portsms route explain MESSAGE`: each choice of the text's route, and what came of it. @param tell takes each line */
export async function explain(
  store: Pick<Store, 'messages'>,
  messageId: string,
  tell: (line: string) => void,
): Promise<number> {
  const text = await store.messages.find(messageId);
  if (!text) {
    tell(`There is no text ${messageId}: check the id; it is the one that POST /v1/messages answered.`);
    return 1;
  }
  tell(
    `${text._id}  ${text.kind}  ${text.segments} segment(s)  ${text.status}${text.failure ? ` (${text.failure.code})` : ''}`,
  );
  if (!text.decisions) tell('No route was chosen for it: it was refused or held before, or is not admitted yet.');
  for (const decision of text.decisions ?? []) tellDecision(decision, text, tell);
  if (text.feedback) tell(`The caller says: ${text.feedback.outcome} (${text.feedback.at.toISOString()})`);
  return 0;
}

function tellDecision(decision: RouteDecision, text: MessageDocument, tell: (line: string) => void): void {
  const { at, carrier, reason, network, candidates, conversation, currency } = decision;
  tell(`${at.toISOString()}  to ${network}: ${carrier}, ${words(reason)}`);
  const best = Math.max(...candidates.filter(({ excluded }) => !excluded).map(({ delivery }) => delivery));
  const enough = best * (1 - routingParameters.tolerance[text.kind]);
  if (candidates.length > 1 && Number.isFinite(best))
    tell(`  good enough for ${text.kind}: from ${percent(enough)} on`);
  if (conversation !== undefined) tell(`  the conversation went by ${conversation}`);
  for (const candidate of candidates) tell(`  ${candidateLine(candidate, currency, candidate.carrier === carrier)}`);
  for (const attempt of text.attempts.filter((each) => decisionOf(each, text.decisions) === decision)) {
    const ends = (attempt.parts ?? []).map(({ outcome, state, code }) =>
      [state ?? outcome, code].filter(Boolean).join(' '),
    );
    const cost = costOf(attempt, text.decisions);
    const price = cost ? `, ${money(cost.micros, cost.currency)}` : '';
    tell(`  sent ${attempt.claimedAt.toISOString()}: ${ends.join(', ') || 'not answered'}${price}`);
  }
}

function candidateLine(
  { carrier, delivery, weight, price, excluded }: Candidate,
  currency = '',
  chosen: boolean,
): string {
  const cost = price === undefined ? 'no price' : `${money(price, currency)} a segment`;
  const known = `${percent(delivery)} delivered (from ${Math.round(weight)} texts)`;
  return [chosen ? '→' : ' ', carrier.padEnd(12), known.padEnd(34), cost, excluded ? `  ${words(excluded)}` : '']
    .join(' ')
    .trimEnd();
}

function words(code: string): string {
  return code.replaceAll('-', ' ');
}
