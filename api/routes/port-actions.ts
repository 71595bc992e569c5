import { type OrderState, problemsOf } from '../../domain/lifecycle/order.ts';
import { type OrderAction, refusalOf, stepOfRefusal } from '../../domain/lifecycle/order-actions.ts';
import type { PortRequest } from '../../domain/port-request.ts';
import type { PortDocument } from '../../store/ports.ts';
import type { Store } from '../../store/store.ts';
import { updateIdOf } from '../ids-of-calls.ts';
import { type Call, type Operation, operation } from '../operation.ts';
import type { createPortDrafts } from '../port-drafts.ts';
import type { PortProcess } from '../port-process.ts';
import { Problem, turnedDown } from '../problem.ts';
import { portDraftChange } from '../schemas/port-draft.ts';
import {
  portActivation,
  portCancellation,
  portChanged,
  portOrPlanChanged,
  portParams,
  portReschedule,
  portSnapBack,
  portSnapBackAnswer,
  portSubmission,
  portSupplement,
  supplemented,
} from '../schemas/ports.ts';
import { orderFacts, portLinks, type WorkflowLink } from '../views/port-view.ts';
import type { portPlanCalls } from './port-plans.ts';

const tag = 'Ports';

type ActionCall = Pick<Call<unknown, unknown, { id: string }>, 'params' | 'caller' | 'idempotencyKey'>;

/** What people do to a port. Its process decides; this only asks it, and notes what was refused too late. */
export function portActions(dependencies: {
  readonly store: Pick<Store, 'ports' | 'timeline' | 'numberClaims' | 'vault'>;
  readonly portProcess: PortProcess;
  readonly workflowLink: WorkflowLink;
  readonly drafts: ReturnType<typeof createPortDrafts>;
  readonly plans: Pick<ReturnType<typeof portPlanCalls>, 'find' | 'cancel'>;
  /** @throws Problem `unknown-port` */
  readonly find: (id: string) => Promise<PortDocument>;
}): Operation[] {
  const { store, portProcess, workflowLink, drafts, plans, find } = dependencies;
  const { vault } = store;

  /**
   * Acts on a port and answers what it became; a refusal that its owner will be asked about later stands in the timeline.
   * @param what is asked for, for the timeline
   */
  async function act(
    call: ActionCall,
    what: string,
    how: (port: PortDocument, updateId: string) => Promise<OrderState>,
  ) {
    const port = await find(call.params.id);
    const updateId = updateIdOf(call, vault);
    try {
      const order = await how(port, updateId);
      const { status, since, focAt } = order;
      const problems = problemsOf(order);
      return {
        status: 200,
        body: { id: port._id, status, since, focAt, problems, links: portLinks(port._id, workflowLink) },
      };
    } catch (error) {
      const step = error instanceof Problem && stepOfRefusal(what, { code: error.code, message: error.reason });
      if (step) {
        const at = new Date().toISOString();
        await store.timeline.append(port._id, `refused/${updateId}`, 0, [{ at, actor: 'caller', ...step }]);
      }
      throw error;
    }
  }

  /** The process decides; this spares it what it would certainly not take, before anything is stored. */
  function refuseUnlessPossible(action: OrderAction, port: PortDocument): void {
    const refusal = refusalOf(action, orderFacts(port), port.activation, new Date().toISOString());
    if (refusal) throw turnedDown(refusal, 'port');
  }

  const engine = ['unknown-port', 'engine-timeout', 'engine-unavailable'] as const;
  const answers = { 200: { description: 'What the port became.', schema: portChanged } };
  const common = { tag, params: portParams, answers } as const;

  const change = operation({
    ...common,
    method: 'put',
    path: '/v1/ports/:id',
    summary: 'Complete or correct a draft',
    description: 'Give only what changes. A draft is kept for 14 days after its last change.',
    body: portDraftChange,
    problems: [...engine, 'order-not-a-draft', 'changed-meanwhile', 'requested-date-past', 'unknown-carrier'],
    handle: (call) => act(call, 'A change of the draft', (port, updateId) => drafts.change(port, call.body, updateId)),
  });

  const submit = operation({
    ...common,
    method: 'post',
    path: '/v1/ports/:id/submit',
    summary: 'Submit a draft',
    description: 'From now on it is a port like any other.',
    body: portSubmission,
    problems: [...engine, 'order-not-a-draft', 'draft-incomplete', 'number-has-open-port', 'changed-meanwhile'],
    handle: (call) => act(call, 'The submission of the draft', (port, updateId) => drafts.submit(port, updateId)),
  });

  const supplement = operation({
    ...common,
    method: 'post',
    path: '/v1/ports/:id/supplement',
    summary: 'Mend the data of a port (SUPP)',
    description:
      'Possible while the port waits for it (`draft`, `action-required`, `exception`), and in `foc-confirmed` until the cut-off of a carrier that takes it. Give only what changes.',
    body: portSupplement,
    problems: [...engine, 'order-not-supplementable', 'supplement-too-late', 'changed-meanwhile'],
    handle: (call) =>
      act(call, 'A supplement', async (port, updateId) => {
        if (port.status === 'draft') {
          const { documentsAdded: _noData, ...change } = call.body;
          return drafts.change(port, change, updateId);
        }
        refuseUnlessPossible('supplement', port);
        const { _id: id, request, requestRevision } = port;
        const mended = supplemented(JSON.parse(vault.open(request)) as PortRequest, call.body);
        if (!(await store.ports.supplement(id, requestRevision, vault.seal(JSON.stringify(mended))))) {
          throw new Problem(
            'changed-meanwhile',
            'Read the port again, and repeat the supplement if it is still right.',
          );
        }
        try {
          return await portProcess.supplement(id, requestRevision + 1, updateId);
        } catch (error) {
          // Refused: the data is again what it was, unless somebody has changed it since.
          if (error instanceof Problem && error.status < 500) {
            await store.ports.supplement(id, requestRevision + 1, request);
          }
          throw error;
        }
      }),
  });

  const reschedule = operation({
    ...common,
    method: 'post',
    path: '/v1/ports/:id/reschedule',
    summary: 'Ask for another date',
    description:
      'The carriers decide, also about a date that is sooner than usual; the agreed date stays until another one is agreed.',
    body: portReschedule,
    problems: [
      ...engine,
      'order-not-reschedulable',
      'reschedule-too-late',
      'requested-date-past',
      'requested-date-too-far',
    ],
    handle(call) {
      const date = new Date(call.body.requestedFocAt).toISOString();
      return act(call, `The date ${date}`, ({ _id: id }, updateId) => portProcess.reschedule(id, date, updateId));
    },
  });

  const cancel = operation({
    ...common,
    method: 'post',
    path: '/v1/ports/:id/cancel',
    summary: 'Cancel a port',
    description:
      "Possible until the carrier's cut-off before the agreed date; after submission the carrier has to agree. Of a plan: all orders that can be.",
    body: portCancellation,
    answers: { 200: { description: 'The cancellation is under way.', schema: portOrPlanChanged } },
    problems: [...engine, 'order-not-cancellable', 'cancel-too-late'],
    async handle(call) {
      const plan = await plans.find(call.params.id);
      if (plan) return { status: 200, body: await plans.cancel(plan, call.body.reason, updateIdOf(call, vault)) };
      return act(call, 'A cancellation', ({ _id: id }, updateId) => portProcess.cancel(id, call.body.reason, updateId));
    },
  });

  const activate = operation({
    ...common,
    method: 'post',
    path: '/v1/ports/:id/activate',
    summary: 'Activate a port on demand',
    description:
      "Of a port with `activation: on-demand`, once its date is confirmed, within the carrier's hours; numbers that the carrier does not activate on demand move at the date.",
    body: portActivation,
    problems: [...engine, 'order-not-activatable', 'outside-activation-hours'],
    handle: (call) => act(call, 'An activation', ({ _id: id }, updateId) => portProcess.activate(id, updateId)),
  });

  const snapBack = operation({
    ...common,
    method: 'post',
    path: '/v1/ports/:id/snap-back',
    summary: 'Ask both carriers to undo a port',
    description:
      'A request that may be refused, until `clocks.snapBackUntil`; later it is an ordinary port back. What the carriers say to it is recorded by POST …/snap-back-answer.',
    body: portSnapBack,
    problems: [...engine, 'snap-back-not-possible', 'snap-back-too-late', 'number-has-open-port'],
    handle: (call) =>
      act(call, 'A snap-back', async (port, updateId) => {
        const keys = port.numbers.map((each) => each.numberKey);
        const open = [...(await store.numberClaims.openPorts(keys)).values()].some((id) => id !== port._id);
        if (open)
          throw new Problem('number-has-open-port', 'Another port has begun with its numbers: follow that one.');
        const whenEnded = port.status === 'completed' ? 'snap-back-too-late' : 'snap-back-not-possible';
        return portProcess.snapBack(port._id, call.body.reason, updateId, whenEnded);
      }),
  });

  const answerSnapBack = operation({
    ...common,
    method: 'post',
    path: '/v1/ports/:id/snap-back-answer',
    summary: 'Record what the carriers said to a snap-back',
    body: portSnapBackAnswer,
    problems: [...engine, 'snap-back-not-possible'],
    handle: (call) =>
      act(call, 'An answer to the snap-back', ({ _id: id }, updateId) =>
        portProcess.answerSnapBack(id, call.body.answer, updateId),
      ),
  });

  return [change, submit, supplement, reschedule, cancel, activate, snapBack, answerSnapBack];
}
