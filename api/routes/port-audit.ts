import type { PortDocument } from '../../store/ports.ts';
import type { Store } from '../../store/store.ts';
import type { Operation } from '../operation.ts';
import { Problem } from '../problem.ts';
import { timelineOperation } from '../timeline-operation.ts';
import { moment } from '../views/moment.ts';

const tag = 'Audit';

/** What a port leaves behind for those who ask later: its timeline. */
export function portAuditOperations({
  store,
}: {
  readonly store: Pick<Store, 'ports' | 'timeline' | 'vault'>;
}): Operation[] {
  const { vault } = store;

  async function find(id: string): Promise<PortDocument> {
    const found = await store.ports.find(id);
    if (!found) throw new Problem('unknown-port', 'Check the id; it is the one that POST /v1/ports answered.');
    return found;
  }

  const readTimeline = timelineOperation({
    path: '/v1/ports/:id/timeline',
    tag,
    problems: ['unknown-port'],
    store,
    async find(id) {
      const port = await find(id);
      const phoneNumbers = new Map(port.numbers.map((each) => [each.numberKey, vault.open(each.number)]));
      return { title: 'Report of a port', facts: factsOf(port, [...phoneNumbers.values()]), phoneNumbers };
    },
  });

  return [readTimeline];
}

function factsOf(port: PortDocument, phoneNumbers: readonly string[]): [string, string][] {
  const facts: [string, string | undefined][] = [
    ['Status', `${port.status} since ${port.since}`],
    ['From', port.losingCarrier ?? 'another carrier'],
    ['To', port.gainingCarrier],
    ['Texts', port.messagingPlan],
    ['Requested', moment(port.createdAt)],
    ['Agreed date (FOC)', port.focAt],
    ['Order at the carrier', port.carrierOrderId],
    ['Numbers', phoneNumbers.join(', ')],
  ];
  return facts.filter((fact): fact is [string, string] => fact[1] !== undefined);
}
