import type { MessageKind } from '../message.ts';
import type { Candidate, ChoiceReason, Exclusion } from './decision.ts';
import type { RoutingParameters } from './parameters.ts';

export interface Choice {
  readonly carrier: string;
  readonly reason: ChoiceReason;
}

/** Floating-point sums of the same evidence in another order differ by less. */
const alike = 1e-9;

/**
 * Chooses the route of a text among the carriers that may send it: those that are usable; of them those whose expected delivery is within
 * the kind's tolerance of the best; of them the cheapest (Sinha et al. 2021). A conversation stays on its route while that is good enough.
 * A carrier without a price is taken for dearer than any with one; among equals the first candidate is taken.
 * @param question.candidates at least one, the preferred first
 * @param question.conversation the carrier of the last text between these two
 * @param question.lot in [0, 1): the lowest part of it, as large as the exploration, tries one of the others
 */
export function chooseRoute(
  question: {
    readonly kind: MessageKind;
    readonly candidates: readonly Candidate[];
    readonly conversation?: string | undefined;
    readonly lot: number;
  },
  parameters: RoutingParameters,
): Choice {
  const { kind, candidates, lot } = question;
  const [first] = candidates;
  if (!first) throw new RangeError('No carrier may send this text: that is to be refused, not chosen for.');
  if (candidates.length === 1) return { carrier: first.carrier, reason: 'only-route' };
  const usable = usableOf(candidates);
  const best = Math.max(...usable.map(({ delivery }) => delivery));
  const enough = best * (1 - parameters.tolerance[kind]) - alike;
  const goodEnough = usable.filter(({ delivery }) => delivery >= enough);
  const cheapest = goodEnough.reduce((least, each) => (priceOf(each) < priceOf(least) ? each : least));
  // An excluded one that is taken all the same is no occasion for experiments.
  if (usable.every(({ excluded }) => excluded)) return { carrier: cheapest.carrier, reason: 'last-resort' };
  const going = goodEnough.find(({ carrier }) => carrier === question.conversation);
  if (going) return { carrier: going.carrier, reason: 'conversation' };
  const share = parameters.exploration[kind];
  const others = usable.filter((each) => each !== cheapest);
  const tried = lot < share ? others[Math.floor((lot / share) * others.length)] : undefined;
  if (tried) return { carrier: tried.carrier, reason: 'explored' };
  return { carrier: cheapest.carrier, reason: 'cheapest-good-enough' };
}

/** From what is not excluded to what takes longest: a breaker may close within a minute, a day's limit is over with the day. */
const readiness: readonly (Exclusion | undefined)[] = [
  undefined,
  'failed-before',
  'breaker-open',
  'daily-limit-reached',
];

/** Those that can have it soonest. */
function usableOf(candidates: readonly Candidate[]): readonly Candidate[] {
  const best = Math.min(...candidates.map(({ excluded }) => readiness.indexOf(excluded)));
  return candidates.filter(({ excluded }) => excluded === readiness[best]);
}

function priceOf({ price }: Candidate): number {
  return price ?? Number.POSITIVE_INFINITY;
}
