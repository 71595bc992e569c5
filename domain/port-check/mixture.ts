import type { PortFacts, PredictedRejection } from '../port-check.ts';

/** An order is for one losing carrier, one country, one type. */
export function mixturePredictions(
  port: Pick<PortFacts, 'numbers' | 'messagingPlan' | 'losing'>,
): PredictedRejection[] {
  const valid = port.numbers.filter((each) => each.valid);
  const kinds = new Set(valid.map((each) => each.type).filter((type) => type !== 'fixed-or-mobile'));
  // The numbering plan of North America does not tell fixed from mobile, but it tells toll-free.
  if (kinds.has('toll-free') && valid.some((each) => each.type === 'fixed-or-mobile')) kinds.add('fixed');
  const mixed = (code: string, what: string, values: ReadonlySet<string | undefined>): PredictedRejection[] =>
    values.size < 2
      ? []
      : [
          {
            code,
            field: 'phoneNumbers',
            message: `The numbers are of several ${what}.`,
            fix: 'Send one port for each losing carrier, country and type of number.',
            certain: true,
          },
        ];
  // A SPID says who routes voice, so nothing of who hosts the texts.
  const carriers = port.messagingPlan === 'messaging-only' ? [] : valid.flatMap((each) => each.spid ?? []);
  const ownOf = (spid: string) => (port.losing?.spids.includes(spid) ? port.losing.id : spid);
  return [
    ...mixed('mixed-countries', 'countries', new Set(valid.map((each) => each.country))),
    ...mixed('mixed-types', 'types', kinds),
    ...mixed('mixed-losing-carriers', 'losing carriers', new Set(carriers.map(ownOf))),
  ];
}
