import { canSupplement, type OrderState } from '../../domain/lifecycle/order.ts';
import type { PortRequest } from '../../domain/port-request.ts';
import type { PortDocument } from '../../store/ports.ts';
import { randomId } from '../../store/vault.ts';
import { type Call, type Operation, operation } from '../operation.ts';
import { createPortAcceptance, type PortAcceptanceDependencies } from '../port-acceptance.ts';
import type { PortProcess } from '../port-process.ts';
import { Problem } from '../problem.ts';
import { page } from '../schemas/page.ts';
import {
  port,
  portAccepted,
  portActivation,
  portCancellation,
  portChanged,
  portPage,
  portParams,
  portQuery,
  portRequest,
  portSupplement,
  supplemented,
} from '../schemas/ports.ts';
import { portLinks, portView, type WorkflowLink } from '../views/port-view.ts';

const tag = 'Ports';

/** Porting numbers: what a person orders, sees and does. The port's process decides; this only asks it. */
export function portOperations(
  dependencies: PortAcceptanceDependencies & {
    readonly portProcess: PortProcess;
    readonly workflowLink: WorkflowLink;
  },
): Operation[] {
  const { store, portProcess, workflowLink } = dependencies;
  const { vault } = store;
  const accept = createPortAcceptance(dependencies);

  async function find(id: string): Promise<PortDocument> {
    const found = await store.ports.find(id);
    if (!found) throw new Problem('unknown-port', 'Check the id; it is the one that POST /v1/ports answered.');
    return found;
  }

  /** What an action is called towards the engine: repeated under the same Idempotency-Key it gives the first result again. */
  function updateId({
    caller,
    idempotencyKey,
  }: Pick<Call<unknown, unknown, unknown>, 'caller' | 'idempotencyKey'>): string {
    return idempotencyKey === undefined ? randomId('upd') : vault.deriveId('upd', caller.keyId, idempotencyKey);
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
    answers: { 202: { description: 'The port has begun.', schema: portAccepted } },
    problems: [
      'phone-number-malformed',
      'phone-number-invalid',
      'unknown-carrier',
      'carrier-cannot-port',
      'gaining-is-losing',
      'mixed-countries',
      'plan-not-available',
      'number-has-open-port',
      'changed-meanwhile',
      'engine-unavailable',
    ],
    async handle({ body, caller, idempotencyKey }) {
      const id = idempotencyKey === undefined ? randomId('port') : vault.deriveId('port', caller.keyId, idempotencyKey);
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
    description: 'Possible until the numbers have moved; after submission the carrier has to agree.',
    tag,
    params: portParams,
    body: portCancellation,
    answers: { 200: { description: 'The cancellation is under way.', schema: portChanged } },
    problems: ['unknown-port', 'order-not-cancellable', 'engine-timeout', 'engine-unavailable'],
    async handle(call) {
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
