import type { Step } from '../activities/interfaces.ts';
import { type Activation, activationOf } from '../domain/lifecycle/activation.ts';
import { type OrderEvent, type OrderState, problemsOf } from '../domain/lifecycle/order.ts';

/** A step of the timeline before it has its moment. */
export type NewStep = Omit<Step, 'at'>;

/**
 * What an event has changed, in words for the timeline; the owner's events are made from these steps.
 * @param asked how the numbers were to move
 */
export function stepsOf(before: OrderState, after: OrderState, event: OrderEvent, asked: Activation): NewStep[] {
  const actor = event.type === 'carrier' ? 'carrier' : 'portsms';
  const steps: NewStep[] = [];
  const add = (type: string, detail: string) => steps.push({ actor, type, detail });
  if (before.status !== after.status) add(`order.${after.status}`, newStatus(after));
  else if (after.focAt && before.focAt !== after.focAt) add('order.rescheduled', `The date is ${after.focAt} now.`);
  if (activationOf(before, asked) === 'on-demand' && activationOf(after, asked) === 'automatic') {
    add('order.not-on-demand', 'The carrier does not activate the order on demand: its numbers move at the date.');
  }
  if (after.unknownSince && !before.unknownSince) {
    add('order.unknown-carrier-state', `The carrier calls the state of the order «${after.carrierState}».`);
  }
  if (after.conflictSince && !before.conflictSince)
    add('order.conflict', 'The losing carrier is in conflict with the port.');
  if (before.conflictSince && !after.conflictSince) add('order.conflict-resolved', 'The conflict is resolved.');
  if (after.snapBack && before.snapBack?.state !== after.snapBack.state) {
    const { state, until, reason } = after.snapBack;
    add(
      `order.snap-back-${state}`,
      state === 'requested' ? `Both carriers are asked (${reason}) until ${until}.` : snapBackDetail[state],
    );
  }
  const { escalation } = after;
  if (escalation && escalation !== before.escalation) {
    add('order.escalated', `${escalation.code} (${escalation.count}): ${escalation.message}`);
  }
  return steps;
}

const snapBackDetail = {
  accepted:
    'Both carriers agreed: the numbers go back. What NNID, campaign and suppressions were is not brought back by it.',
  refused: 'A carrier refused the snap-back.',
  expired: 'Nobody agreed to the snap-back in time: going back is an ordinary port now.',
};

function newStatus(order: OrderState): string {
  const problems = problemsOf(order)
    .map((problem) => problem.code)
    .join(', ');
  const parts = [
    `The order is ${order.status}`,
    problems && `: ${problems}`,
    order.focAt && `, date ${order.focAt}`,
    '.',
  ];
  return parts.filter(Boolean).join('');
}
