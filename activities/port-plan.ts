import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { isFinalOrder } from '../domain/lifecycle/order.ts';
import { stepOfRefusal } from '../domain/lifecycle/order-actions.ts';
import type { PlanRollUp } from '../domain/lifecycle/plan.ts';
import { splitIntoOrders } from '../domain/port-plan.ts';
import type { CancelPort } from '../intake/port-cancellation.ts';
import { isDuplicateKey } from '../store/database.ts';
import type { PlanNumber, PortPlanDocument } from '../store/port-plans.ts';
import type { PortDocument } from '../store/ports.ts';
import type { Store } from '../store/store.ts';
import type { PortInput } from '../workflows/contract.ts';
import { attributed } from './attribution.ts';
import { inParallel } from './in-parallel.ts';
import type { PlanActivities } from './interfaces.ts';
import { checkNumbers, type PlanCheckDependencies } from './plan-check.ts';
import { type NumberToPort, recordNumbers, recordPortingConsent } from './port-recording.ts';

/** Orders that are cancelled at the same time. */
const cancelledAtATime = 5;

export interface PortPlanDependencies extends PlanCheckDependencies {
  readonly store: Store;
  readonly cancelPort: CancelPort;
}

/** The steps of a plan at the store. All are safe to repeat. */
export function createPortPlanActivities(deps: PortPlanDependencies): PlanActivities {
  const { store, cancelPort } = deps;
  const { vault } = store;

  async function load(planId: string): Promise<PortPlanDocument> {
    const plan = await store.portPlans.find(planId);
    if (!plan) throw ApplicationFailure.nonRetryable(`Plan ${planId} is not in the store.`, 'unknown-plan');
    return plan;
  }

  function newOrder(plan: PortPlanDocument, portId: string, numbers: readonly PlanNumber[]): PortDocument {
    const { kind } = numbers[0] ?? {};
    if (!kind) throw ApplicationFailure.nonRetryable(`An order of plan ${plan._id} has no numbers.`, 'unknown-order');
    const now = new Date();
    return {
      _id: portId,
      planId: plan._id,
      requestHash: plan.requestHash,
      createdAt: now,
      updatedAt: now,
      counter: 0,
      status: 'checking',
      since: now.toISOString(),
      numbers: numbers.map(({ numberKey, number }) => ({ numberKey, number })),
      country: kind.country,
      ...(kind.losingCarrier !== undefined && { losingCarrier: kind.losingCarrier }),
      gainingCarrier: plan.gainingCarrier,
      messagingPlan: plan.messagingPlan,
      portType: plan.portType,
      activation: plan.activation,
      ...(plan.requestedFocAt !== undefined && { requestedFocAt: plan.requestedFocAt }),
      request: plan.request,
      requestRevision: 1,
      ...(plan.metadata && { metadata: plan.metadata }),
      problems: [],
    };
  }

  return {
    async checkPlan({ planId }) {
      const plan = await load(planId);
      for (;;) {
        const part = await store.portPlans.findUnchecked(planId);
        if (!part) return;
        await store.portPlans.saveChecked(part._id, await checkNumbers(plan, part.numbers, deps));
        Context.current().heartbeat(part.part);
        Context.current().cancellationSignal.throwIfAborted();
      }
    },

    async splitPlan({ planId }) {
      const parts = await store.portPlans.parts(planId).toArray();
      const numbers = parts.flatMap((part) => part.numbers);
      const orders = splitIntoOrders(numbers.map(({ kind }) => kind));
      const orderAt = new Map(orders.flatMap(({ positions }, order) => positions.map((at) => [at, order] as const)));
      let position = 0;
      for (const part of parts) {
        const placed = part.numbers.map((number) => {
          const order = orderAt.get(position++);
          return order === undefined ? number : { ...number, order };
        });
        await store.portPlans.saveOrders(part._id, placed);
        Context.current().heartbeat(part.part);
      }
      return { orders: orders.length, problems: numbers.length - orderAt.size };
    },

    async recordPlanOrder({ planId, order, marginMs, proofDeadlineMs }) {
      const plan = await load(planId);
      const portId = vault.deriveId('port', planId, String(order));
      const numbers = await store.portPlans.numbersOf(planId, order);
      const port = newOrder(plan, portId, numbers);
      const toPort: NumberToPort[] = numbers.map(({ numberKey, number }) => ({
        numberKey,
        phoneNumber: vault.open(number),
      }));
      const register = async () => {
        const known = await store.numbers.findMany(toPort.map(({ numberKey }) => numberKey));
        return recordNumbers(store, toPort, known, port.losingCarrier, new Date());
      };
      if (!(await register())) await register();
      const evidence = JSON.parse(vault.open(plan.consent)) as object;
      await recordPortingConsent(store, portId, toPort, { evidence, at: plan.consentedAt });
      try {
        await store.ports.insert(port);
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
      return asInput(port, { marginMs, proofDeadlineMs });
    },

    async numberKeysOf({ portId }) {
      const port = await store.ports.findOrder(portId);
      if (!port) throw ApplicationFailure.nonRetryable(`Port ${portId} is not in the store.`, 'unknown-port');
      return port.numbers.map(({ numberKey }) => numberKey);
    },

    async rollUpPlan({ planId }) {
      const orders = await store.ports.ofPlan(planId);
      const byStatus: Partial<Record<(typeof orders)[number]['status'], number>> = {};
      for (const { status } of orders) byStatus[status] = (byStatus[status] ?? 0) + 1;
      const sum = (of: 'numbers' | 'uncertain' | 'ported' | 'returned') =>
        orders.reduce((total, { counts }) => total + counts[of], 0);
      return {
        orders: {
          begun: orders.length,
          open: orders.filter(({ status }) => !isFinalOrder(status)).length,
          byStatus,
        },
        numbers: {
          ordered: sum('numbers'),
          uncertain: sum('uncertain'),
          ported: sum('ported'),
          returned: sum('returned'),
        },
      } satisfies PlanRollUp;
    },

    async cancelPlanOrders({ planId, reason }) {
      const open = (await store.ports.ofPlan(planId)).filter(({ status }) => !isFinalOrder(status));
      const refused = await inParallel(open, cancelledAtATime, async ({ _id }) => {
        const updateId = vault.deriveId('upd', 'plan-cancelled', planId, _id);
        const refusal = await cancelPort(_id, reason, updateId);
        const step = refusal && stepOfRefusal('A cancellation of the whole plan', refusal);
        if (step) {
          const at = new Date().toISOString();
          await store.timeline.append(_id, `refused/${updateId}`, 0, [{ at, actor: 'caller', ...step }]);
        }
        Context.current().heartbeat(_id);
        return refusal !== undefined;
      });
      return { tooLate: refused.filter(Boolean).length };
    },

    async projectPlan({ planId, counter, state, firstStep, steps }) {
      await store.timeline.append(planId, 'plan', firstStep, attributed(steps));
      await store.portPlans.project(planId, counter, state);
    },
  };
}

/** What the process of an order of a plan is started with: it asks for its numbers itself. */
function asInput(
  port: PortDocument,
  { marginMs, proofDeadlineMs }: Pick<PortInput, 'marginMs' | 'proofDeadlineMs'>,
): PortInput {
  return {
    portId: port._id,
    gainingCarrier: port.gainingCarrier,
    ...(port.losingCarrier !== undefined && { losingCarrier: port.losingCarrier }),
    messagingPlan: port.messagingPlan,
    activation: port.activation,
    numberKeys: [],
    marginMs,
    proofDeadlineMs,
    ...(port.planId !== undefined && { planId: port.planId }),
  };
}
