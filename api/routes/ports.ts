import type { Checklists } from '../../activities/checklists.ts';
import { canSupplement, type OrderState } from '../../domain/lifecycle/order.ts';
import type { PortRequest } from '../../domain/port-request.ts';
import type { PortDocument } from '../../store/ports.ts';
import { randomId } from '../../store/vault.ts';
import { type Call, type Operation, operation } from '../operation.ts';
import { createPortAcceptance, type PortAcceptanceDependencies } from '../port-acceptance.ts';
import type { PortProcess } from '../port-process.ts';
import { type DocumentShelf, readRequirements } from '../port-requirements.ts';
import { Problem } from '../problem.ts';
import { page } from '../schemas/page.ts';
import {
  portAccepted,
  portActivation,
  portCancellation,
  portChanged,
  portOrPlan,
  portOrPlanChanged,
  portPage,
  portParams,
  portQuery,
  portRequest,
  portSupplement,
  supplemented,
} from '../schemas/ports.ts';
import { checklistView } from '../views/checklist-view.ts';
import { portLinks, portView, type WorkflowLink } from '../views/port-view.ts';
import { type PortPlanCallDependencies, portPlanCalls } from './port-plans.ts';

const tag = 'Ports';

/** Porting numbers: what a person orders, sees and does. The port's process decides; this only asks it. */
export function portOperations(
  dependencies: PortAcceptanceDependencies &
    PortPlanCallDependencies & {
      readonly store: { readonly documents?: DocumentShelf };
      readonly portProcess: PortProcess;
      readonly workflowLink: WorkflowLink;
      readonly checklists: Checklists;
    },
): Operation[] {
  const { store, portProcess, workflowLink, checklists, marginMs } = dependencies;
  const { vault } = store;
  const accept = createPortAcceptance(dependencies);
  const plans = portPlanCalls(dependencies);

  async function find(id: string): Promise<PortDocument> {
    const found = await store.ports.find(id);
    if (found) return found;
    if (await plans.find(id)) throw new Problem('unknown-port', 'This is a plan: name one of its orders.');
    throw new Problem('unknown-port', 'Check the id; it is the one that POST /v1/ports answered.');
  }

  /** What an action is called towards the engine: repeated under the same Idempotency-Key it gives the first result again. */
  function updateId({
    caller,
    idempotencyKey,
  }: Pick<Call<unknown, unknown, unknown>, 'caller' | 'idempotencyKey'>): string {
    // The workflow takes the caller from it (workflows/caller.ts).
    const prefix = `upd_${caller.keyId}`;
    return idempotencyKey === undefined ? randomId(prefix) : vault.deriveId(prefix, idempotencyKey);
  }

  function changed(id: string, order: OrderState) {
    const { status, since, focAt, problems } = order;
    return { status: 200, body: { id, status, since, focAt, problems, links: portLinks(id, workflowLink) } };
  }

  const order = operation({
    method: 'post',
    path: '/v1/ports',
    summary: 'Port numbers to a carrier',
    description: 'Answered when the process of the port has started; follow it by its links.',
    tag,
    body: portRequest,
    leastBodyLimitBytes: 1024 * 1024,
    answers: { 202: { description: 'The port has begun.', schema: portAccepted } },
    problems: [
      'phone-number-malformed',
      'phone-number-invalid',
      'unknown-carrier',
      'carrier-cannot-port',
      'gaining-is-losing',
      'carrier-hosts-no-texts',
      'number-has-open-port',
      'changed-meanwhile',
      'engine-unavailable',
    ],
    async handle({ body, caller, idempotencyKey }) {
      const idOf = (prefix: string) =>
        idempotencyKey === undefined ? randomId(prefix) : vault.deriveId(prefix, caller.keyId, idempotencyKey);
      const id = idOf('port');
      const planId = idOf('plan');
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

  const supplement = operation({
    method: 'post',
    path: '/v1/ports/:id/supplement',
    summary: 'Mend the data of a port (SUPP)',
    description: 'Possible while the port waits for it: in `action-required` and `exception`. Give only what changes.',
    tag,
    params: portParams,
    body: portSupplement,
    answers: { 200: { description: 'The port goes on with the new data.', schema: portChanged } },
    problems: ['unknown-port', 'order-not-supplementable', 'changed-meanwhile', 'engine-timeout', 'engine-unavailable'],
    async handle(call) {
      const { _id: id, status, since, problems, request, requestRevision } = await find(call.params.id);
      // The process decides; this spares it data that it would certainly not take.
      if (!canSupplement({ status, since, problems, ported: false })) {
        throw new Problem(
          'order-not-supplementable',
          `This order is ${status}. Read the port to see what it waits for.`,
        );
      }
      const mended = supplemented(JSON.parse(vault.open(request)) as PortRequest, call.body);
      if (!(await store.ports.supplement(id, requestRevision, vault.seal(JSON.stringify(mended))))) {
        throw new Problem('changed-meanwhile', 'Read the port again, and repeat the supplement if it is still right.');
      }
      return changed(id, await portProcess.supplement(id, requestRevision + 1, updateId(call)));
    },
  });

  const cancel = operation({
    method: 'post',
    path: '/v1/ports/:id/cancel',
    summary: 'Cancel a port',
    description:
      'Possible until the numbers have moved; after submission the carrier has to agree. Of a plan: all orders that can be.',
    tag,
    params: portParams,
    body: portCancellation,
    answers: { 200: { description: 'The cancellation is under way.', schema: portOrPlanChanged } },
    problems: ['unknown-port', 'order-not-cancellable', 'engine-timeout', 'engine-unavailable'],
    async handle(call) {
      const plan = await plans.find(call.params.id);
      if (plan) return { status: 200, body: await plans.cancel(plan, call.body.reason, updateId(call)) };
      const { _id: id } = await find(call.params.id);
      return changed(id, await portProcess.cancel(id, call.body.reason, updateId(call)));
    },
  });

  const activate = operation({
    method: 'post',
    path: '/v1/ports/:id/activate',
    summary: 'Activate a port on demand',
    description: 'Of a port with `activation: on-demand`, once its date is confirmed.',
    tag,
    params: portParams,
    body: portActivation,
    answers: { 200: { description: 'The activation is under way.', schema: portChanged } },
    problems: ['unknown-port', 'order-not-activatable', 'engine-timeout', 'engine-unavailable'],
    async handle(call) {
      const { _id: id } = await find(call.params.id);
      return changed(id, await portProcess.activate(id, updateId(call)));
    },
  });

  return [order, list, read, supplement, cancel, activate];
}
