import type { NumberFacts, PortFacts, PredictedRejection } from '../port-check.ts';
import { explainReason } from '../portability-reasons.ts';

/** What speaks against single numbers. */
export function numberPredictions(port: PortFacts): PredictedRejection[] {
  const { messagingPlan, gaining, losing } = port;
  const hosted = messagingPlan === 'messaging-only';
  const which = (concerns: (number: NumberFacts) => boolean) =>
    port.numbers.flatMap((each, position) => (concerns(each) ? [position] : []));
  const concerning = (
    code: string,
    message: string,
    fix: string,
    concerns: (number: NumberFacts) => boolean,
    certain = true,
  ): PredictedRejection[] => {
    const positions = which(concerns);
    return positions.length === 0 ? [] : [{ code, field: 'phoneNumbers', message, fix, certain, positions }];
  };
  return [
    ...concerning(
      'phone-number-invalid',
      'No numbering plan has this number.',
      'Check its country code and its digits.',
      ({ valid }) => !valid,
    ),
    ...concerning(
      'number-type-not-portable',
      'Numbers of this type or of no country cannot be ported.',
      'Leave it out.',
      ({ valid, type, country }) => valid && (type === 'other' || country === '001'),
    ),
    ...concerning(
      'port-already-open',
      'Another port of this number is open.',
      'Follow that port, or cancel it first.',
      ({ otherPortOpen }) => otherPortOpen === true,
    ),
    ...concerning(
      'port-out-locked',
      'The number is locked against ports here.',
      'Lift the lock of the number, if the port is meant; the losing carrier would be told to refuse it.',
      ({ portOutLocked }) => !hosted && portOutLocked === true,
    ),
    ...refusedByCarrier(port),
    ...concerning(
      'messaging-not-supported',
      'The gaining carrier cannot carry the texts of this number.',
      'Leave its texts where they are (messagingPlan stay), or choose another gaining carrier.',
      ({ check }) =>
        messagingPlan !== 'stay' && check?.messagingCapable === false && !(hosted && check.portable === false),
    ),
    ...concerning(
      'already-at-gaining-carrier',
      'The portability database says that this number is with the gaining carrier already.',
      'Leave it out; if only its texts are elsewhere, move them alone (messagingPlan messaging-only).',
      ({ spid }) =>
        !hosted && spid !== undefined && gaining.spids.includes(spid) && losing?.spids.includes(spid) !== true,
    ),
    ...concerning(
      'texts-hosted-elsewhere',
      'Another carrier than the one of voice carries the texts of this number.',
      'Have that carrier release the texts at the date (remove the number from its messaging), or leave them there (messagingPlan stay).',
      ({ spid, textsAt }) =>
        messagingPlan === 'move' &&
        spid !== undefined &&
        textsAt !== undefined &&
        textsAt.spids.length > 0 &&
        !textsAt.spids.includes(spid) &&
        textsAt.id !== gaining.id &&
        textsAt.id !== losing?.id,
      false,
    ),
    ...(port.activation === 'on-demand' && !hosted
      ? concerning(
          'on-demand-not-available',
          'The gaining carrier does not activate this number on demand.',
          'Leave the activation to the carrier (activation automatic).',
          ({ check }) => check?.portable === true && check.onDemand === false,
          false,
        ).map((each) => ({ ...each, field: 'activation' }))
      : []),
  ];
}

/** The gaining carrier's no is certain; why it says so is as certain as our reading of its reason. */
function refusedByCarrier({ numbers, gaining, messagingPlan }: PortFacts): PredictedRejection[] {
  const unexplained =
    messagingPlan === 'messaging-only'
      ? {
          code: 'messaging-not-supported',
          message: 'The gaining carrier cannot host the texts of this number.',
          fix: 'Leave it out, or choose another carrier for its texts.',
        }
      : {
          code: 'number-not-portable',
          message: 'The gaining carrier says that it cannot port this number.',
          fix: 'Leave it out, choose another gaining carrier, or move its texts alone (messagingPlan messaging-only).',
        };
  return numbers.flatMap(({ check }, position) => {
    if (check?.portable !== false) return [];
    const { code, message, fix } = explainReason(gaining.adapter, check.reason) ?? unexplained;
    return [{ code, field: 'phoneNumbers', message, fix, certain: true, positions: [position] }];
  });
}
