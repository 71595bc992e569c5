import type { PortDocument } from '../../store/ports.ts';
import type { Store } from '../../store/store.ts';
import { randomId } from '../../store/vault.ts';
import { type Operation, operation } from '../operation.ts';
import { createPortAcceptance, type PortAcceptanceDependencies } from '../port-acceptance.ts';
import { createPortDrafts } from '../port-drafts.ts';
import type { PortProcess } from '../port-process.ts';
import { Problem } from '../problem.ts';
import { page } from '../schemas/page.ts';
import { portOrder } from '../schemas/port-draft.ts';
import { port, portAccepted, portPage, portParams, portQuery, timeline, timelineQuery } from '../schemas/ports.ts';
import { missingOf, portLinks, portView, type WorkflowLink } from '../views/port-view.ts';
import { timelineCsv, timelineView } from '../views/timeline-view.ts';
import { portActions } from './port-actions.ts';

const tag = 'Ports';

/** Porting numbers: what a person orders, sees and does. The port's process decides; this only asks it. */
export function portOperations(
  dependencies: PortAcceptanceDependencies & {
    readonly store: Pick<Store, 'timeline'>;
    readonly portProcess: PortProcess;
    readonly workflowLink: WorkflowLink;
  },
): Operation[] {
  const { store, workflowLink } = dependencies;
  const { vault } = store;
  const accept = createPortAcceptance(dependencies);
  const drafts = createPortDrafts(dependencies);

  async function find(id: string): Promise<PortDocument> {
    const found = await store.ports.find(id);
    if (!found) throw new Problem('unknown-port', 'Check the id; it is the one that POST /v1/ports answered.');
    return found;
  }

  const order = operation({
    method: 'post',
    path: '/v1/ports',
    summary: 'Port numbers to a carrier',
    description:
      'Answered when the process of the port has started; follow it by its links. With `draft: true` nothing is ordered yet: what is known is kept, what is missing is named, and the port begins when it is submitted.',
    tag,
    body: portOrder,
    answers: { 202: { description: 'The port has begun.', schema: portAccepted } },
    problems: [
      'phone-number-malformed',
      'phone-number-invalid',
      'unknown-carrier',
      'carrier-cannot-port',
      'gaining-is-losing',
      'mixed-countries',
      'plan-not-available',
      'requested-date-past',
      'number-has-open-port',
      'changed-meanwhile',
      'engine-unavailable',
    ],
    async handle({ body, caller, idempotencyKey }) {
      const id = idempotencyKey === undefined ? randomId('port') : vault.deriveId('port', caller.keyId, idempotencyKey);
      const begun = body.draft ? await drafts.save(id, body) : await accept(id, body);
      const { status } = begun;
      return {
        status: 202,
        body: { id, status, missing: missingOf(begun, vault), links: portLinks(id, workflowLink) },
      };
    },
  });

  const list = operation({
    method: 'get',
    path: '/v1/ports',
    summary: 'List ports, newest first',
    tag,
    query: portQuery,
    answers: { 200: { description: 'A page of ports.', schema: portPage } },
    async handle({ query }) {
      const { limit, status, cursor: before } = query;
      const found = await store.ports.list({ status, before }, limit + 1);
      const now = new Date();
      const show = (each: PortDocument) => portView(each, vault, workflowLink, now);
      return { status: 200, body: page(found, limit, show, (each) => ({ at: each.createdAt, id: each._id })) };
    },
  });

  const read = operation({
    method: 'get',
    path: '/v1/ports/:id',
    summary: 'Read a port: its order, and each number with voice and messaging apart',
    tag,
    params: portParams,
    answers: { 200: { description: 'The port.', schema: port } },
    problems: ['unknown-port'],
    handle: async ({ params }) => ({
      status: 200,
      body: portView(await find(params.id), vault, workflowLink, new Date()),
    }),
  });

  const readTimeline = operation({
    method: 'get',
    path: '/v1/ports/:id/timeline',
    summary: 'Read who did what and when',
    tag,
    params: portParams,
    query: timelineQuery,
    answers: { 200: { description: 'Every step, oldest first.', schema: timeline, alsoAs: 'text/csv' } },
    problems: ['unknown-port'],
    async handle({ params, query, accepts }) {
      const entries = timelineView(await find(params.id), await store.timeline.list(params.id), vault);
      const csv = query.format ? query.format === 'csv' : accepts(['application/json', 'text/csv']) === 'text/csv';
      return csv
        ? { status: 200, body: timelineCsv(entries), contentType: 'text/csv' }
        : { status: 200, body: { data: entries } };
    },
  });

  return [order, list, read, readTimeline, ...portActions({ ...dependencies, drafts, find })];
}
