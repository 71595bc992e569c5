import type { Checklists } from '../../activities/checklists.ts';
import type { PortDocument } from '../../store/ports.ts';
import type { Store } from '../../store/store.ts';
import { foundPort } from '../found-port.ts';
import { idOf } from '../ids-of-calls.ts';
import { type Operation, operation } from '../operation.ts';
import { createPortAcceptance, type PortAcceptanceDependencies } from '../port-acceptance.ts';
import { createPortDrafts } from '../port-drafts.ts';
import type { PortProcess } from '../port-process.ts';
import { type DocumentShelf, readRequirements } from '../port-requirements.ts';
import { page } from '../schemas/page.ts';
import { portOrder } from '../schemas/port-draft.ts';
import { portAccepted, portOrPlan, portPage, portParams, portQuery } from '../schemas/ports.ts';
import { checklistView } from '../views/checklist-view.ts';
import { missingOf, portLinks, portView, type WorkflowLink } from '../views/port-view.ts';
import { portActions } from './port-actions.ts';
import { type PortPlanCallDependencies, portPlanCalls } from './port-plans.ts';

const tag = 'Ports';

/** Porting numbers: what a person orders, sees and does. The port's process decides; this only asks it. */
export function portOperations(
  dependencies: PortAcceptanceDependencies &
    PortPlanCallDependencies & {
      readonly store: Pick<Store, 'timeline'> & { readonly documents?: DocumentShelf };
      readonly portProcess: PortProcess;
      readonly workflowLink: WorkflowLink;
      readonly checklists: Checklists;
    },
): Operation[] {
  const { store, workflowLink, checklists, marginMs } = dependencies;
  const { vault } = store;
  const accept = createPortAcceptance(dependencies);
  const plans = portPlanCalls(dependencies);
  const drafts = createPortDrafts(dependencies);

  const find = (id: string) => foundPort(store, id);

  const order = operation({
    method: 'post',
    path: '/v1/ports',
    summary: 'Port numbers to a carrier',
    description:
      'Answered when the process of the port has started; follow it by its links. With `draft: true` nothing is ordered yet: what is known is kept, what is missing is named, and the port begins when it is submitted.',
    tag,
    body: portOrder,
    leastBodyLimitBytes: 1024 * 1024,
    answers: { 202: { description: 'The port has begun.', schema: portAccepted } },
    problems: [
      'phone-number-malformed',
      'phone-number-invalid',
      'unknown-carrier',
      'carrier-cannot-port',
      'gaining-is-losing',
      'carrier-hosts-no-texts',
      'requested-date-past',
      'number-has-open-port',
      'changed-meanwhile',
      'engine-unavailable',
    ],
    async handle(call) {
      const { body } = call;
      const id = idOf('port', call, vault);
      if (body.draft) {
        const saved = await drafts.save(id, body);
        const missing = missingOf(saved, vault);
        return { status: 202, body: { id, status: saved.status, missing, links: portLinks(id, workflowLink) } };
      }
      const planId = idOf('plan', call, vault);
      // What a request that was cut off has become, it stays.
      if ((await plans.find(planId)) || (!(await store.ports.findOrder(id)) && (await plans.isWanted(body)))) {
        await plans.accept(planId, body);
        return { status: 202, body: { id: planId, status: 'checking', links: plans.links(planId) } };
      }
      const { status } = await accept(id, body);
      return { status: 202, body: { id, status, links: portLinks(id, workflowLink) } };
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
      const { limit, status, planId, cursor: before } = query;
      const found = await store.ports.list({ status, planId, before }, limit + 1);
      const now = new Date();
      const show = (each: PortDocument) => portView(each, vault, workflowLink, now);
      return { status: 200, body: page(found, limit, show, (each) => ({ at: each.createdAt, id: each._id })) };
    },
  });

  const read = operation({
    method: 'get',
    path: '/v1/ports/:id',
    summary: 'Read a port: its order, and each number with voice and messaging apart; or a plan: its orders',
    tag,
    params: portParams,
    answers: { 200: { description: 'The port.', schema: portOrPlan } },
    problems: ['unknown-port'],
    async handle({ params }) {
      const plan = await plans.find(params.id);
      if (plan) return { status: 200, body: await plans.show(plan) };
      const found = await find(params.id);
      const now = new Date();
      const [requirements, read] = await Promise.all([readRequirements(found, store), checklists.read(found)]);
      const checklist = checklistView(found, read, marginMs, now);
      return { status: 200, body: { ...portView(found, vault, workflowLink, now), requirements, checklist } };
    },
  });

  return [order, list, read, ...portActions({ ...dependencies, plans, drafts, find })];
}
