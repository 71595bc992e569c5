import type { PortDocument } from '../../store/ports.ts';
import type { Store } from '../../store/store.ts';
import { foundPort } from '../found-port.ts';
import { type Operation, operation } from '../operation.ts';
import { archivedRunList } from '../schemas/archived-runs.ts';
import { portParams } from '../schemas/ports.ts';
import { timelineOperation } from '../timeline-operation.ts';
import { archivedRunView } from '../views/archived-run-view.ts';
import { moment } from '../views/moment.ts';

const tag = 'Audit';

/** What a port or a plan leaves behind for those who ask later: its timeline, and the histories of its processes. */
export function portAuditOperations({
  store,
}: {
  readonly store: Pick<Store, 'ports' | 'portPlans' | 'timeline' | 'archivedRuns' | 'vault'>;
}): Operation[] {
  const { vault } = store;

  const find = (id: string) => foundPort(store, id);

  const readTimeline = timelineOperation({
    path: '/v1/ports/:id/timeline',
    tag,
    problems: ['unknown-port'],
    store,
    async find(id) {
      const plan = await store.portPlans.find(id);
      if (plan)
        return { title: 'Report of a plan', facts: [['Requested', moment(plan.createdAt)]], phoneNumbers: new Map() };
      const port = await find(id);
      const phoneNumbers = new Map(port.numbers.map((each) => [each.numberKey, vault.open(each.number)]));
      return { title: 'Report of a port', facts: factsOf(port, [...phoneNumbers.values()]), phoneNumbers };
    },
  });

  const listRuns = operation({
    method: 'get',
    path: '/v1/ports/:id/runs',
    summary: 'List the archived runs of a port and of its cutovers',
    description:
      'Each is kept with its whole history after the engine has forgotten it, within an hour after its end. `portsms archive show` prints one.',
    tag,
    params: portParams,
    answers: { 200: { description: 'All of them, in the order in which they began.', schema: archivedRunList } },
    problems: ['unknown-port'],
    async handle({ params: { id } }) {
      if (!(await store.portPlans.find(id))) await find(id);
      return { status: 200, body: { data: (await store.archivedRuns.ofSubject(id)).map(archivedRunView) } };
    },
  });

  return [readTimeline, listRuns];
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
