import { routeAt } from '../world/business-number.ts';
import type { CarrierId } from '../world/networks.ts';
import type { RecipientRule } from '../world/scenario.ts';
import type { World } from '../world/world.ts';
import { identityOf } from './segment.ts';

/** A passing reason to refuse a submission. */
export type Busy = 'throttled' | 'queue-full' | 'system-error';
/** Where a connection or an answer is lost. */
export type Loss = 'untaken' | 'before-answer' | 'after-answer' | 'no-answer';

/** What is decided by lot about one submission, before anybody looks at its addresses. */
export interface Lots {
  /** Of this try, for later decisions about the same segment. */
  readonly identity: string;
  readonly busy?: Busy;
  readonly loss?: Loss;
  readonly answerMs: number;
  /** A rule of the scenario that refuses this try. */
  readonly refusal?: RecipientRule;
}

/** Draws the lots for one submission of a text or segment. */
export function drawLots(world: World, carrier: CarrierId, from: string, to: string, text: string): Lots {
  const behaviour = world.behaviour(carrier);
  const { chance } = world;
  const attempt = world.attempt([carrier, from, to, text].join('\u0000'));
  const identity = identityOf(carrier, from, to, text, attempt);
  const rule = world.recipients.ruleFor(to, carrier);
  const refused = rule?.outcome === 'refused' && attempt <= (rule.times ?? Number.POSITIVE_INFINITY);
  const slow = chance.happens(behaviour.slowRate, 'slow', identity);
  return {
    identity,
    answerMs: chance.within(slow ? behaviour.slowMs : behaviour.answerMs, slow ? 'slow-by' : 'answer', identity),
    refusal: refused ? rule : undefined,
    busy: firstOf<Busy>(
      ['throttled', chance.happens(behaviour.throttleRate, 'throttle', identity)],
      ['queue-full', chance.happens(behaviour.queueFullRate, 'queue-full', identity)],
      ['system-error', chance.happens(behaviour.systemErrorRate, 'system-error', identity)],
    ),
    loss: firstOf<Loss>(
      ['untaken', chance.happens(behaviour.cutUntakenRate, 'cut-untaken', identity)],
      ['before-answer', chance.happens(behaviour.cutBeforeAnswerRate, 'cut-before', identity)],
      ['after-answer', chance.happens(behaviour.cutAfterAnswerRate, 'cut-after', identity)],
      ['no-answer', chance.happens(behaviour.noAnswerRate, 'no-answer', identity)],
    ),
  };
}

/** Whether a carrier sends texts in the name of `from`. */
export function maySendFrom(world: World, carrier: CarrierId, from: string, to: string): boolean {
  const number = world.numbers.get(from);
  if (!number) {
    if (world.behaviour(carrier).senders === 'any') return true;
    // A name is let through anywhere but to the US and Canada; a number or short code of somebody else nowhere.
    return /[^+\d]/.test(from) && from.length <= 11 && !to.startsWith('+1');
  }
  const now = Date.now();
  if (routeAt(number.sms, now).carrier === carrier) return true;
  return number.keepsAccepting && number.sms.some((route) => route.carrier === carrier);
}

function firstOf<T>(...cases: [T, boolean][]): T | undefined {
  return cases.find(([, happens]) => happens)?.[0];
}
