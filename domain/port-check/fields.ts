import type { PortFacts, PredictedRejection } from '../port-check.ts';
import { requirementRowsOf } from '../port-requirements.ts';

/** What the request lacks. */
export function fieldPredictions(port: PortFacts): PredictedRejection[] {
  const problems: PredictedRejection[] = [];
  for (const { row, positions } of requirementRowsOf(port)) {
    if (row.field === undefined || row.need === 'sometimes' || port.given.includes(row.field)) continue;
    const certain = row.need === 'always';
    const message = `Numbers of this country and type are ${certain ? 'not' : 'often not'} ported without ${row.field}.`;
    problems.push({ code: 'field-missing', field: row.field, message, fix: row.fix, certain, positions });
  }
  if (port.portType === 'partial' && port.portsBillingNumber && !port.given.includes('newBillingNumber')) {
    problems.push({
      code: 'new-billing-number-missing',
      field: 'newBillingNumber',
      message: 'The main billing number is to be ported while other numbers stay on the account.',
      fix: 'Name the number that is to be billed for those that stay, or port all of them (portType full).',
      certain: true,
    });
  }
  return problems;
}
