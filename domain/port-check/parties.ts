import type { PortFacts, PredictedRejection } from '../port-check.ts';

/** Whether the carriers are the right ones. */
export function partyPredictions({ gaining, losing, numbers, messagingPlan }: PortFacts): PredictedRejection[] {
  if (losing === undefined) return [];
  if (losing.id === gaining.id) {
    return [
      {
        code: 'gaining-is-losing',
        field: 'gainingCarrier',
        message: 'The gaining carrier is the losing one.',
        fix: 'Name the carrier to which the numbers shall go.',
        certain: true,
      },
    ];
  }
  if (messagingPlan === 'messaging-only') return [];
  const elsewhere = numbers.flatMap(({ spid }, position) =>
    spid === undefined || losing.spids.length === 0 || losing.spids.includes(spid) || gaining.spids.includes(spid)
      ? []
      : [position],
  );
  if (elsewhere.length === 0) return [];
  return [
    {
      code: 'losing-carrier-mismatch',
      field: 'losingCarrier',
      message: 'The portability database names another carrier than the losing one.',
      fix: 'Check with which carrier the number is; the data of the subscriber must be from that one.',
      certain: false,
      positions: elsewhere,
    },
  ];
}
